import type { SuiteRunner } from './suite.js';
import type { HandlerUnderTest } from './suites/bench.js';
import { contractSuite } from './suites/contract.js';
import { lockSuite } from './suites/locks.js';
import { sessionSuite } from './suites/sessions.js';

/**
 * The contract of a handler, as tests: what it stores, how it locks, and that the guarantees hold for sessions kept in
 * it. Works with any runner: `handlerSuite({ describe, it, before, after }, { name: 'mongo', handler: … })`.
 */
export function handlerSuite(runner: SuiteRunner, subject: HandlerUnderTest): void {
  contractSuite(runner, subject);
  lockSuite(runner, subject);
  sessionSuite(runner, subject);
}
