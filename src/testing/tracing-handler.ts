import type { HandlerClass, HandlerOptions, SessionHandlerInterface } from '../contracts/handler.js';

/** Which of PHP's optional methods the handler has. */
export type TracedMethods = 'basic' | 'full';

export interface Trace {
  /** The class to give to `handler`. */
  readonly handler: HandlerClass;
  /** The calls so far, `read`, `write` …, in their order. */
  readonly calls: string[];
  /** The same with their arguments. */
  readonly details: unknown[][];
  /** What is stored. */
  readonly records: Map<string, string>;
  /** Makes the named method fail: with `false`, or by throwing. */
  fail(method: string, how: 'false' | 'throw'): void;
  /** Forgets calls and failures, keeps the records. */
  clear(): void;
}

/**
 * A handler that writes down every call. `basic` has the six methods of PHP's SessionHandlerInterface; `full` adds
 * validateId and updateTimestamp.
 */
export function traceHandler(methods: TracedMethods = 'basic'): Trace {
  const calls: string[] = [];
  const details: unknown[][] = [];
  const records = new Map<string, string>();
  const failures = new Map<string, 'false' | 'throw'>();
  const note = (name: string, ...args: unknown[]): boolean => {
    calls.push(name);
    details.push([name, ...args]);
    const failure = failures.get(name);
    if (failure === 'throw') throw new Error(`${name} failed`);
    return failure !== 'false';
  };

  class TracingHandler implements SessionHandlerInterface {
    // biome-ignore lint/complexity/noUselessConstructor: handlers are given their options
    constructor(_options: HandlerOptions) {}
    open(savePath: string, name: string): boolean {
      return note('open', savePath, name);
    }
    close(): boolean {
      return note('close');
    }
    read(id: string): string | false {
      return note('read', id) && (records.get(id) ?? '');
    }
    write(id: string, data: string): boolean {
      const done = note('write', id, data);
      if (done) records.set(id, data);
      return done;
    }
    destroy(id: string): boolean {
      const done = note('destroy', id);
      if (done) records.delete(id);
      return done;
    }
    gc(maxLifetime: number): number {
      note('gc', maxLifetime);
      return 0;
    }
  }

  class FullTracingHandler extends TracingHandler {
    validateId(id: string): boolean {
      return note('validateId', id) && records.has(id);
    }
    updateTimestamp(id: string, data: string): boolean {
      return note('updateTimestamp', id, data);
    }
  }

  return {
    handler: methods === 'full' ? FullTracingHandler : TracingHandler,
    calls,
    details,
    records,
    fail: (method, how) => void failures.set(method, how),
    clear: () => {
      calls.length = 0;
      details.length = 0;
      failures.clear();
    },
  };
}
