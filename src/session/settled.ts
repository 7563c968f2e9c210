import type { Clock } from '../contracts/clock.js';

/** Resolves when `answer` has come, well or not, or after `seconds`. */
export function settled(answer: PromiseLike<unknown>, clock: Clock, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimeout(resolve, seconds * 1000, true);
    const end = () => {
      clock.clearTimeout(timer);
      resolve();
    };
    answer.then(end, end);
  });
}
