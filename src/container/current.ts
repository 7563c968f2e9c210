import { AsyncLocalStorage } from 'node:async_hooks';
import { BlitzError } from '../errors.js';
import { processWide } from '../support/process-wide.js';
import type { ServiceContainer } from './container.js';
import { currentScope } from './request-scope.js';

const booted = processWide<ServiceContainer[]>('booted', () => []);

const booting = processWide('booting', () => new AsyncLocalStorage<ServiceContainer>());

/** How many applications of this process are at their start. */
const starts = processWide('starts', () => ({ count: 0 }));

/**
 * Runs what belongs to the start of an application, so that `Session.extend` and the like reach this one. Afterwards
 * nothing follows contexts for it any more: on Node 20 and 22 that would cost every promise of every request.
 */
export async function runWhileBooting<T>(services: ServiceContainer, work: () => Promise<T>): Promise<T> {
  starts.count++;
  try {
    return await booting.run(services, work);
  } finally {
    starts.count--;
    if (starts.count === 0) booting.disable();
  }
}

/** An application is there; the last one booted answers outside requests. */
export function enlist(services: ServiceContainer): void {
  booted.push(services);
}

export function dismiss(services: ServiceContainer): void {
  const at = booted.indexOf(services);
  if (at !== -1) booted.splice(at, 1);
}

/** The services of the current request's application, else of the last one booted. */
export function findServices(): ServiceContainer | undefined {
  return currentScope()?.services ?? booting.getStore() ?? booted.at(-1);
}

/** As `findServices`. Throws `E_APP_NOT_BOOTED`. */
export function currentServices(): ServiceContainer {
  const services = findServices();
  if (services === undefined) throw new BlitzError('E_APP_NOT_BOOTED');
  return services;
}
