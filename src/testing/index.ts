export { adapterSuite } from './adapter-suite.js';
export type { CookieJar, ReceivedCookie } from './cookie-jar.js';
export { type FakeSession, type FakeSessionOptions, fakeSession } from './fake-session.js';
export { type FaultyHandler, type FaultyOperation, faultyHandler } from './faulty-handler.js';
export { handlerSuite } from './handler-suite.js';
export { ManualClock, ShiftedClock } from './manual-clock.js';
export type { SuiteRunner } from './suite.js';
export type {
  AdapterSetting,
  AdapterSuiteOptions,
  AdapterUnderTest,
  RunningServer,
} from './suites/adapter/subject.js';
export type { HandlerUnderTest } from './suites/bench.js';
export type { TestTarget } from './target.js';
export { type TestBody, TestClient, type TestClientOptions, testClient } from './test-client.js';
export type { TestResponse } from './test-response.js';
export { type Trace, type TracedMethods, traceHandler } from './tracing-handler.js';
