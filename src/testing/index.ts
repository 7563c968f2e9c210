export { handlerSuite } from './handler-suite.js';
export { ManualClock, ShiftedClock } from './manual-clock.js';
export type { SuiteRunner } from './suite.js';
export type { HandlerUnderTest } from './suites/bench.js';
export { type Trace, type TracedMethods, traceHandler } from './tracing-handler.js';
