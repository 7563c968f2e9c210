import type { Clock } from '../contracts/clock.js';
import type { SessionConfig } from '../contracts/config.js';
import type { Client } from '../contracts/http.js';
import { BlitzError } from '../errors.js';
import type { Place, SessionQueue } from '../session/queue.js';

/** What the sessions over save handlers of one application have in common. */
export interface HandlerEnvironment {
  readonly config: SessionConfig;
  readonly clock: Clock;
  readonly queue: SessionQueue;
}

/**
 * The turn of one session among the requests of this process, from before `open` to after `close`: a save handler that
 * locks nothing loses no update here. Over after `lock_max`.
 */
export class Turn {
  readonly #env: HandlerEnvironment;
  readonly #client: Client | undefined;
  #held: { readonly id: string; readonly place: Place } | undefined;
  #timer: unknown;
  #givenUp = false;

  constructor(env: HandlerEnvironment, client: Client | undefined) {
    this.#env = env;
    this.#client = client;
  }

  /** Waits for `id`; the turn of another id is given up after that. Throws what the queue throws, and `E_APP_CLOSED`. */
  async take(id: string): Promise<void> {
    const before = this.#held;
    if (before?.id === id) return;
    const { clock, config, queue } = this.#env;
    const deadline = clock.now() + config.lock_wait * 1000;
    const place = await queue.enter(id, { deadline, client: this.#client });
    if (this.#givenUp) {
      place.leave();
      throw new BlitzError('E_APP_CLOSED');
    }
    this.#held = { id, place };
    before?.place.leave();
  }

  /** The application ended: a turn that comes now is not taken. */
  giveUp(): void {
    this.#givenUp = true;
  }

  /** Calls `over` when `lock_max` has passed from now. */
  watch(over: () => void): void {
    const { clock, config } = this.#env;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(over, config.lock_max * 1000, true);
  }

  leave(): void {
    this.#env.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held?.place.leave();
    this.#held = undefined;
  }
}
