import type { Clock } from '../contracts/clock.js';
import type { Client } from '../contracts/http.js';
import { BlitzError } from '../errors.js';
import { afterTheOthers, othersFollow, turnNumber } from '../support/turn.js';

/**
 * After this many hand-overs a session is offered to other processes, unless it is known that none wants it; after this
 * many milliseconds in any case.
 */
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
  /** Whether somebody of this process waits, or is about to come, and may be handed the lock that `held` has. */
  mayHandOver(held: Contention): boolean;
  /**
   * Gives the place to the next in line. False when `handed` found no taker, and must be freed by the caller. While
   * requests that arrived together with this one are about to come it may rest for them: then `free` is called when
   * none of them took it.
   */
  leave(handed?: HandedOver, free?: () => void): boolean;
}

export interface Contention {
  /** Nobody in another process waits for the lock, as far as is known. */
  readonly uncontended: boolean;
}

interface Waiter {
  admit(received: HandedOver | undefined, yieldFirst: boolean): void;
}

/** The requests for one session: the one that has its turn, and who waits behind it. */
interface Line {
  /** Undefined until somebody waits. */
  waiters: Waiter[] | undefined;
  handOvers: number;
  chainStart: number;
  /** False: the line is there for the next visit only. */
  busy: boolean;
  /** What the last one left for others of its turn of the event loop. */
  resting: HandedOver | undefined;
  /** The turn in which the session was last asked for, and the last one in which that happened twice. */
  turn: number;
  sharedTurn: number;
}

export interface EnterOptions {
  /** The moment at which waiting ends with `E_SESSION_LOCK_TIMEOUT`. */
  readonly deadline: number;
  readonly client?: Client | undefined;
}

/** So many lines are kept; then those where nobody is are forgotten. A table that only grows is not made anew all the time. */
const KEPT = 1024;

/** The requests of this process that wait for one session: first come, first served. */
export class SessionQueue {
  readonly #lines = new Map<string, Line>();
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #lockWait: number;
  /** How many lines there may be before the next look at them. */
  #room = KEPT;

  constructor(clock: Clock, limit: number, lockWait: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#lockWait = lockWait;
  }

  /** Throws `E_SESSION_BUSY`, `E_SESSION_LOCK_TIMEOUT`, `E_SESSION_CLIENT_LEFT`. */
  enter(id: string, options: EnterOptions): Place | Promise<Place> {
    const line = this.#lines.get(id) ?? this.#newLine(id);
    noteTurn(line);
    if (!line.busy) {
      line.busy = true;
      const { resting } = line;
      if (resting === undefined) {
        line.handOvers = 0;
        line.chainStart = this.#clock.now();
      } else {
        line.resting = undefined;
        line.handOvers++;
      }
      return new Turn(this.#clock, line, resting, false);
    }
    if ((line.waiters?.length ?? 0) >= this.#limit) {
      throw new BlitzError('E_SESSION_BUSY', { details: { limit: this.#limit } });
    }
    return this.#wait(line, options);
  }

  /** How many wait behind the one that has the session. */
  waiting(id: string): number {
    return this.#lines.get(id)?.waiters?.length ?? 0;
  }

  #newLine(id: string): Line {
    if (this.#lines.size >= this.#room) {
      for (const [each, { busy, resting }] of this.#lines)
        if (!busy && resting === undefined) this.#lines.delete(each);
      this.#room = Math.max(KEPT, 2 * this.#lines.size);
    }
    const line: Line = {
      waiters: undefined,
      handOvers: 0,
      chainStart: 0,
      busy: false,
      resting: undefined,
      turn: -1,
      sharedTurn: -1,
    };
    this.#lines.set(id, line);
    return line;
  }

  #wait(line: Line, { deadline, client }: EnterOptions): Promise<Place> {
    const signal = client?.signal;
    line.waiters ??= [];
    const { waiters } = line;
    return new Promise((resolve, reject) => {
      const giveUp = (error: BlitzError) => {
        waiters.splice(waiters.indexOf(waiter), 1);
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
          resolve(new Turn(this.#clock, line, received, yieldFirst));
        },
      };
      waiters.push(waiter);
      if (signal?.aborted) left();
      else signal?.addEventListener('abort', left, { once: true });
    });
  }
}

function noteTurn(line: Line): void {
  const now = turnNumber();
  if (line.turn === now) line.sharedTurn = now;
  else line.turn = now;
}

/** Whether a request that arrived together with this one is likely to ask for the session at once. */
function isAwaited(line: Line): boolean {
  return othersFollow() && line.sharedTurn >= turnNumber() - 1;
}

class Turn implements Place {
  readonly received: HandedOver | undefined;
  readonly yieldFirst: boolean;
  readonly #clock: Clock;
  readonly #line: Line;
  #mine = true;

  constructor(clock: Clock, line: Line, received: HandedOver | undefined, yieldFirst: boolean) {
    this.#clock = clock;
    this.#line = line;
    this.received = received;
    this.yieldFirst = yieldFirst;
  }

  mayHandOver(held: Contention): boolean {
    const line = this.#line;
    if ((line.waiters === undefined || line.waiters.length === 0) && !isAwaited(line)) return false;
    if (line.handOvers >= MAX_HAND_OVERS) {
      if (!held.uncontended) return false;
      line.handOvers = 0;
    }
    return !this.#isLong();
  }

  /** Whether the session has been in this process for long. */
  #isLong(): boolean {
    const { handOvers, chainStart } = this.#line;
    return handOvers >= MAX_HAND_OVERS || this.#clock.now() - chainStart >= MAX_CHAIN;
  }

  leave(handed?: HandedOver, free?: () => void): boolean {
    if (!this.#mine) return false;
    this.#mine = false;
    const line = this.#line;
    const next = line.waiters?.shift();
    if (next === undefined) {
      line.busy = false;
      if (handed === undefined || free === undefined || !isAwaited(line)) return false;
      line.resting = handed;
      afterTheOthers(() => {
        if (line.resting !== handed) return;
        line.resting = undefined;
        free();
      });
      return true;
    }
    if (handed !== undefined) {
      line.handOvers++;
      next.admit(handed, false);
      return true;
    }
    const exhausted = this.#isLong();
    line.handOvers = 0;
    line.chainStart = this.#clock.now();
    next.admit(undefined, exhausted);
    return false;
  }
}
