import type { Clock } from '../contracts/clock.js';
import { Later } from '../support/later.js';
import { judgeAfterReading } from '../support/standstill.js';

export interface Limit {
  readonly clock: Clock;
  readonly seconds: number;
  /** Told once when the time is over and nothing has come. */
  readonly late: () => void;
  /** What a failure is told as. */
  readonly failure: (cause: unknown) => Error;
}

/** What a store answers, unless it takes longer than it may: then it has failed, whatever comes afterwards. */
export function inTime<T>(answer: PromiseLike<T>, { clock, seconds, late, failure }: Limit): Later<T> {
  const later = new Later<T>();
  const due = performance.now() + seconds * 1000;
  const judge = () => {
    if (!later.pending) return;
    late();
    later.reject(failure(new Error(`no answer within ${seconds} s`)));
  };
  const timer = clock.setTimeout(() => judgeAfterReading(due, judge), seconds * 1000);
  answer.then(
    (value) => {
      clock.clearTimeout(timer);
      later.resolve(value);
    },
    (cause) => {
      clock.clearTimeout(timer);
      later.reject(failure(cause));
    },
  );
  return later;
}
