import type { Clock } from '../contracts/clock.js';
import type { Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { jsonSerializer } from '../serializers/json.js';
import type { LiveSession } from '../session/store.js';
import { ageVars, TOKEN } from '../session/vars.js';
import { randomId, randomText } from '../support/random.js';

/** The life of a session that is kept in memory, with the rules of a real one as far as its user sees them. */
export class FakeLife implements LiveSession {
  readonly clock: Clock;
  id: string;
  values: Values;
  readOnly = false;
  #state: 'open' | 'closed' | 'destroyed' = 'open';
  /** What was saved last; undefined: nothing. */
  #saved: string | undefined;

  constructor(clock: Clock, values: Values, id: string = randomId()) {
    this.clock = clock;
    this.values = values;
    this.id = id;
  }

  get started(): boolean {
    return this.#state === 'open' && !this.readOnly;
  }

  willChange(call: string): void {
    if (this.readOnly) throw new BlitzError('E_SESSION_READ_ONLY', { details: { call } });
    if (this.#state !== 'open') throw new BlitzError('E_SESSION_CLOSED', { details: { call } });
  }

  exposed(): void {}

  check(key: string, value: unknown): void {
    jsonSerializer.check(key, value);
  }

  seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  async close(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    this.#save();
  }

  /** What was changed in place after the end was never saved, and is gone. */
  async start(): Promise<void> {
    if (this.readOnly) this.willChange('start');
    if (this.#state === 'open') return;
    this.#reopen();
  }

  async destroy(): Promise<void> {
    if (this.readOnly) this.willChange('destroy');
    this.#state = 'destroyed';
    this.values = {};
    this.#saved = undefined;
  }

  async invalidate(): Promise<void> {
    this.willChange('invalidate');
    this.id = randomId();
    this.values = {};
    this.#saved = undefined;
  }

  async regenerate(): Promise<void> {
    this.willChange('regenerate');
    this.id = randomId();
    if (TOKEN in this.values) this.values[TOKEN] = randomText(40);
  }

  nextRequest(): void {
    if (this.#state === 'open') this.#save();
    this.#reopen();
    ageVars(this.values, this.seconds());
  }

  #save(): void {
    if (!this.readOnly) this.#saved = jsonSerializer.encode(this.values);
  }

  #reopen(): void {
    if (this.#state === 'destroyed') this.id = randomId();
    if (!this.readOnly) this.values = this.#saved === undefined ? {} : jsonSerializer.decode(this.#saved);
    this.#state = 'open';
  }
}
