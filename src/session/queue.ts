import type { Clock } from '../contracts/clock.js';
import type { Client } from '../contracts/http.js';
import { BlitzError } from '../errors.js';

/** After this many hand-overs, or this many milliseconds, a session is offered to other processes. */
const MAX_HAND_OVERS = 16;
const MAX_CHAIN = 50;

/** A lock and the record it protects, given by one request of this process to the next. */
export interface HandedOver {
  readonly lock: unknown;
  readonly data: string;
  readonly lastActivity: number;
}

/** The right to ask for the lock of a session; given back with `leave`. */
export interface Place {
  /** What the request before left, if it left something. */
  readonly received: HandedOver | undefined;
  /** The session has been in this process long enough: wait for a poll interval, so that others get a turn. */
  readonly yieldFirst: boolean;
  /** Whether somebody of this process waits and may be handed the lock. */
  mayHandOver(): boolean;
  /** Gives the place to the next in line. False when `handed` found no taker, and must be freed by the caller. */
  leave(handed?: HandedOver): boolean;
}

interface Waiter {
  admit(received: HandedOver | undefined, yieldFirst: boolean): void;
}

interface Line {
  waiters: Waiter[];
  handOvers: number;
  chainStart: number;
}

export interface EnterOptions {
  /** The moment at which waiting ends with `E_SESSION_LOCK_TIMEOUT`. */
  readonly deadline: number;
  readonly client?: Client | undefined;
}

/** The requests of this process that wait for one session: first come, first served. */
export class SessionQueue {
  readonly #lines = new Map<string, Line>();
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #lockWait: number;

  constructor(clock: Clock, limit: number, lockWait: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#lockWait = lockWait;
  }

  /** Throws `E_SESSION_BUSY`, `E_SESSION_LOCK_TIMEOUT`, `E_SESSION_CLIENT_LEFT`. */
  enter(id: string, options: EnterOptions): Place | Promise<Place> {
    const line = this.#lines.get(id);
    if (line === undefined) {
      const created: Line = { waiters: [], handOvers: 0, chainStart: this.#clock.now() };
      this.#lines.set(id, created);
      return this.#place(id, created, undefined, false);
    }
    if (line.waiters.length >= this.#limit) {
      throw new BlitzError('E_SESSION_BUSY', { details: { limit: this.#limit } });
    }
    return this.#wait(id, line, options);
  }

  /** How many wait behind the one that has the session. */
  waiting(id: string): number {
    return this.#lines.get(id)?.waiters.length ?? 0;
  }

  #wait(id: string, line: Line, { deadline, client }: EnterOptions): Promise<Place> {
    const signal = client?.signal;
    return new Promise((resolve, reject) => {
      const giveUp = (error: BlitzError) => {
        line.waiters.splice(line.waiters.indexOf(waiter), 1);
        stop();
        reject(error);
      };
      const stop = () => {
        this.#clock.clearTimeout(timer);
        signal?.removeEventListener('abort', left);
      };
      const left = () => giveUp(new BlitzError('E_SESSION_CLIENT_LEFT'));
      const timer = this.#clock.setTimeout(
        () => giveUp(new BlitzError('E_SESSION_LOCK_TIMEOUT', { details: { seconds: this.#lockWait } })),
        Math.max(0, deadline - this.#clock.now()),
      );
      const waiter: Waiter = {
        admit: (received, yieldFirst) => {
          stop();
          resolve(this.#place(id, line, received, yieldFirst));
        },
      };
      line.waiters.push(waiter);
      if (signal?.aborted) left();
      else signal?.addEventListener('abort', left, { once: true });
    });
  }

  #place(id: string, line: Line, received: HandedOver | undefined, yieldFirst: boolean): Place {
    let mine = true;
    return {
      received,
      yieldFirst,
      mayHandOver: () =>
        line.waiters.length > 0 &&
        line.handOvers < MAX_HAND_OVERS &&
        this.#clock.now() - line.chainStart < MAX_CHAIN,
      leave: (handed) => {
        if (!mine) return false;
        mine = false;
        const next = line.waiters.shift();
        if (next === undefined) {
          this.#lines.delete(id);
          return false;
        }
        if (handed !== undefined) {
          line.handOvers++;
          next.admit(handed, false);
          return true;
        }
        const exhausted =
          line.handOvers >= MAX_HAND_OVERS || this.#clock.now() - line.chainStart >= MAX_CHAIN;
        line.handOvers = 0;
        line.chainStart = this.#clock.now();
        next.admit(undefined, exhausted);
        return false;
      },
    };
  }
}
