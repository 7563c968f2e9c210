import { notEqual } from 'node:assert/strict';
import type { DatabaseOptions, SessionOptions } from '../../contracts/config.js';
import type { Handler, HandlerClass, HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import type { Awaitable } from '../../contracts/session.js';
import { type ErrorCode, isBlitzError } from '../../errors.js';
import { Application } from '../../http/application.js';
import { randomId } from '../../support/random.js';
import { ShiftedClock } from '../manual-clock.js';

/** The handler that is examined. */
export interface HandlerUnderTest {
  /** For the titles. */
  readonly name: string;
  /** The class. */
  readonly handler: HandlerClass;
  /** Where its records go: a place of this test's own, that may be emptied; or a client. */
  readonly savePath?: () => Awaitable<string | object>;
  readonly options?: Partial<SessionOptions>;
  /** `config/database`, for a handler that keeps its records in one of its groups. */
  readonly database?: () => Awaitable<DatabaseOptions>;
  /** Whether `read` takes a lock across processes: the handler's property `locks`. Default false. */
  readonly locks?: boolean;
}

/** An application whose sessions are kept in the handler under test. */
export interface Bench {
  readonly app: Application;
  readonly clock: ShiftedClock;
  /** A handler of its own, as one request has it, and opened. */
  opened(request?: HandlerRequest): Promise<Handler>;
  readonly options: HandlerOptions;
}

/** A storage id that nobody uses. */
export function freshId(): string {
  return randomId() + randomId();
}

export async function prepare(subject: HandlerUnderTest): Promise<Bench> {
  const clock = new ShiftedClock();
  const savePath = await subject.savePath?.();
  const database = await subject.database?.();
  const app = await Application.boot({
    clock,
    root: process.cwd(),
    config: {
      ...(database === undefined ? {} : { database }),
      session: {
        handler: subject.handler,
        expiration: 1000,
        lock_ttl: 10,
        gc_probability: 0,
        ...(savePath === undefined ? {} : { savePath }),
        ...subject.options,
      },
    },
  });
  const options = app.service('sessionManager').handlerOptions;
  return {
    app,
    clock,
    options,
    opened: async (request = {}) => {
      const handler = new subject.handler(options, request) as Handler;
      notEqual(await handler.open(options.savePath, options.name), false);
      return handler;
    },
  };
}

/** One request that reads, or writes, and nothing else. */
export async function reading(bench: Bench, id: string): Promise<string | false> {
  const handler = await bench.opened();
  try {
    return await handler.read(id);
  } finally {
    await handler.close();
  }
}

export async function writing(bench: Bench, id: string, data: string): Promise<void> {
  const handler = await bench.opened();
  try {
    await handler.read(id);
    notEqual(await handler.write(id, data), false);
  } finally {
    await handler.close();
  }
}

export function isCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isBlitzError(error, code);
}
