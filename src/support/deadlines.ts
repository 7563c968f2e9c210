import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../contracts/clock.js';

/** Something that is over after a while, unless it is taken off the list before. The list keeps its neighbours in it. */
export interface Expiring {
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;
  /** When it is over, in the clock's milliseconds; undefined while it is on no list. */
  due: number | undefined;
  /** Called without the context of any request. */
  expire(): void;
}

/**
 * What all takes the same time to be over, with one timer for all of it: nearly everything is taken off in time, and a
 * timer of its own costs each request some microseconds. The timer does not keep the process alive.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  /** The timer must not keep the request that happened to start it, and its session, alive. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #first: Expiring | undefined;
  #last: Expiring | undefined;
  #armed = false;

  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
  }

  /** Calls `expire` after the time of this list. A member that is on it already begins anew. */
  add(member: Expiring): void {
    if (member.due !== undefined) this.remove(member);
    member.due = this.#clock.now() + this.#milliseconds;
    member.previousDue = this.#last;
    if (this.#last === undefined) this.#first = member;
    else this.#last.nextDue = member;
    this.#last = member;
    if (!this.#armed) this.#arm(this.#milliseconds);
  }

  /** Does nothing for a member that is not on this list any more. */
  remove(member: Expiring): void {
    if (member.due === undefined) return;
    const { previousDue, nextDue } = member;
    if (previousDue === undefined) this.#first = nextDue;
    else previousDue.nextDue = nextDue;
    if (nextDue === undefined) this.#last = previousDue;
    else nextDue.previousDue = previousDue;
    member.due = member.previousDue = member.nextDue = undefined;
  }

  #arm(milliseconds: number): void {
    this.#armed = true;
    this.#outside(() => this.#clock.setTimeout(() => this.#look(), milliseconds, true));
  }

  #look(): void {
    this.#armed = false;
    for (;;) {
      const first = this.#first;
      if (first?.due === undefined) return;
      const left = first.due - this.#clock.now();
      if (left > 0) {
        // Nobody waits longer than that, even where the clock was set back.
        this.#arm(Math.min(left, this.#milliseconds));
        return;
      }
      this.remove(first);
      first.expire();
    }
  }
}
