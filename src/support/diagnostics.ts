import { channel } from 'node:diagnostics_channel';
import type { SessionChannel, SessionChannels } from '../contracts/diagnostics.js';
import type { Awaitable } from '../contracts/session.js';
import { type ErrorCode, isBlitzError } from '../errors.js';
import { after, attempt } from './thenable.js';

interface Source<Name extends SessionChannel> {
  readonly name: string;
  /** Asked before anything is made to be told: where nobody listens, nothing is paid. */
  readonly hasSubscribers: boolean;
  publish(message: SessionChannels[Name]): void;
}

function source<Name extends SessionChannel>(name: Name): Source<Name> {
  return channel(name) as Source<Name>;
}

/** Looked up once a process. */
export const lockWait: Source<'blitz-session:lock-wait'> = source('blitz-session:lock-wait');
export const contention: Source<'blitz-session:contention'> = source('blitz-session:contention');
export const storeLatency: Source<'blitz-session:store'> = source('blitz-session:store');
export const committed: Source<'blitz-session:commit'> = source('blitz-session:commit');
export const touched: Source<'blitz-session:touch'> = source('blitz-session:touch');
export const refused: Source<'blitz-session:refused'> = source('blitz-session:refused');
export const created: Source<'blitz-session:created'> = source('blitz-session:created');
export const destroyed: Source<'blitz-session:destroyed'> = source('blitz-session:destroyed');

/** The names of all channels. */
export const SESSION_CHANNELS: readonly SessionChannel[] = [
  lockWait,
  contention,
  storeLatency,
  committed,
  touched,
  refused,
  created,
  destroyed,
].map(({ name }) => name as SessionChannel);

/**
 * Listens to a channel of node:diagnostics_channel, with the type of its messages; what it returns stops. The listener
 * runs where the thing happens, before the request goes on: it takes notes and waits for nothing.
 */
export function observe<Name extends SessionChannel>(
  name: Name,
  listener: (message: SessionChannels[Name]) => void,
): () => void {
  const tell = (message: unknown) => listener(message as SessionChannels[Name]);
  const observed = channel(name);
  observed.subscribe(tell);
  return () => void observed.unsubscribe(tell);
}

/** An operation of the store, and how long it took. Only called where somebody listens. */
export function timedOperation<T>(
  handler: string,
  operation: string,
  work: () => Awaitable<T>,
): Awaitable<T> {
  return timed(work, (milliseconds, error, value) => {
    const negative = value === false && operation !== 'validateId';
    const code = error === undefined && negative ? failureOf(operation) : error;
    storeLatency.publish({ handler, operation, milliseconds, code });
  });
}

/** The way to a session's lock, for who finds one or fails. Only called where somebody listens. */
export function timedLock<T extends { readonly kind: string }>(
  handler: string,
  work: () => Awaitable<T>,
): Awaitable<T> {
  return timed(work, (milliseconds, code, found) => {
    if (found === undefined || found.kind === 'found') lockWait.publish({ handler, milliseconds, code });
  });
}

/** A session is in the store: new, changed, under another id, or told to live on. */
export function tellWritten(
  handler: string,
  length: number,
  event: 'session:created' | 'session:regenerated' | undefined,
  changed: boolean,
): void {
  if (!changed) {
    if (touched.hasSubscribers) touched.publish({ handler });
    return;
  }
  if (event === 'session:created' && created.hasSubscribers) created.publish({ handler });
  if (!committed.hasSubscribers) return;
  const reasons = { 'session:created': 'created', 'session:regenerated': 'regenerated' } as const;
  committed.publish({ handler, reason: event === undefined ? 'changed' : reasons[event], length });
}

/** What is done to save a session, and what kept it from being saved. Only called where somebody listens. */
export function watchedForRefusal(handler: string, work: () => Awaitable<void>): Awaitable<void> {
  return attempt(work, (error) => {
    refused.publish({ handler, code: codeOf(error) });
    throw error;
  });
}

function timed<T>(
  work: () => Awaitable<T>,
  tell: (milliseconds: number, code: ErrorCode | undefined, value: T | undefined) => void,
): Awaitable<T> {
  const began = performance.now();
  return attempt(
    () =>
      after(work(), (value) => {
        tell(performance.now() - began, undefined, value);
        return value;
      }),
    (error) => {
      tell(performance.now() - began, codeOf(error), undefined);
      throw error;
    },
  );
}

function codeOf(error: unknown): ErrorCode {
  return isBlitzError(error) ? error.code : 'E_SESSION_BACKEND';
}

function failureOf(operation: string): ErrorCode {
  return operation === 'renew' ? 'E_SESSION_LOCK_LOST' : 'E_SESSION_BACKEND';
}
