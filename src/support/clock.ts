import type { Clock } from '../contracts/clock.js';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(fn, ms, background = false) {
    const timer = setTimeout(fn, ms);
    if (background) timer.unref();
    return timer;
  },
  clearTimeout(timer) {
    clearTimeout(timer as NodeJS.Timeout);
  },
};
