import type { SuiteRunner } from './suite.js';
import { connectionSuite } from './suites/adapter/connections.js';
import { failureSuite } from './suites/adapter/failures.js';
import { optionSuite } from './suites/adapter/options.js';
import { requestSuite } from './suites/adapter/requests.js';
import type { AdapterUnderTest } from './suites/adapter/subject.js';

/**
 * The contract of an adapter, as tests through real HTTP: what a framework's application may rely on once its sessions
 * come from here. `AdapterUnderTest` says which routes its author writes. Works with any runner:
 * `adapterSuite({ describe, it, before, after }, { name: 'fastify', start: … })`.
 */
export function adapterSuite(runner: SuiteRunner, subject: AdapterUnderTest): void {
  requestSuite(runner, subject);
  optionSuite(runner, subject);
  failureSuite(runner, subject);
  connectionSuite(runner, subject);
}
