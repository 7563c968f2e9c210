import type { Clock } from '../contracts/clock.js';

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** A clock that tests move. Its timers run when it is moved past them, in their order. */
export class ManualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  /** `start`: milliseconds since 1970; the present by default. */
  constructor(start: number = Date.now()) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): unknown {
    const timer: Timer = { at: this.#now + ms, fn };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves the clock by `seconds`, runs what is due, and lets promises settle after each. */
  async advance(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.clearTimeout(due);
      this.#now = Math.max(this.#now, due.at);
      due.fn();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The machine's clock, moved by so many seconds: for what waits in real time but judges ages. */
export class ShiftedClock implements Clock {
  #shift = 0;

  now(): number {
    return Date.now() + this.#shift;
  }

  setTimeout(fn: () => void, ms: number, background = false): unknown {
    const timer = setTimeout(fn, ms);
    if (background) timer.unref();
    return timer;
  }

  clearTimeout(timer: unknown): void {
    clearTimeout(timer as NodeJS.Timeout);
  }

  advance(seconds: number): void {
    this.#shift += seconds * 1000;
  }
}
