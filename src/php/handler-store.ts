import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { newToken } from '../session/birth.js';
import type { LiveSession } from '../session/store.js';
import { TOKEN } from '../session/vars.js';
import type { PhpRequestContext, PhpSession } from './php-session.js';

interface KeptSession extends PhpSession {
  readonly serializer: Serializer;
  seconds(): number;
}

/** The other face of a session that `session_start()` opened: what its `Store`, and so `session()`, works on. */
export class HandlerStore implements LiveSession {
  readonly #session: KeptSession;
  readonly #request: PhpRequestContext;

  constructor(session: KeptSession, request: PhpRequestContext) {
    this.#session = session;
    this.#request = request;
  }

  get id(): string {
    return this.#session.id;
  }

  get values(): Values {
    return this.#session.values;
  }

  get started(): boolean {
    return this.#session.active;
  }

  willChange(call: string): void {
    if (!this.#session.active) throw new BlitzError('E_SESSION_CLOSED', { details: { call } });
  }

  exposed(): void {}

  check(key: string, value: unknown): void {
    this.#session.serializer.check(key, value);
  }

  seconds(): number {
    return this.#session.seconds();
  }

  async start(): Promise<void> {
    await this.#request.ask(async () => this.#session.active || this.#session.start(false));
  }

  async close(): Promise<void> {
    await this.#request.ask(() => this.#session.writeClose());
  }

  async destroy(): Promise<void> {
    await this.#request.ask(async () => {
      if (this.#session.active) await this.#session.destroy();
    });
  }

  async invalidate(): Promise<void> {
    this.willChange('invalidate');
    await this.#request.ask(async () => {
      await this.#session.destroy();
      await this.#session.start(false);
    });
  }

  async regenerate(destroy: boolean): Promise<void> {
    this.willChange('regenerate');
    if (TOKEN in this.values) this.values[TOKEN] = newToken();
    await this.#request.ask(() => this.#session.regenerateId(destroy));
  }
}
