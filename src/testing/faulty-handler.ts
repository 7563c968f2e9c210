import type { HandlerClass, HandlerOptions, HandlerRequest } from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { ArrayHandler } from '../handlers/array.js';

/** PHP's names: `read` is also what shows a record without a lock, `write` also what creates and commits. */
export type FaultyOperation =
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'updateTimestamp'
  | 'destroy'
  | 'gc'
  | 'validateId'
  | 'createSid'
  | 'renew';

export interface FaultyHandler {
  /** The class to give to `handler`. */
  readonly handler: HandlerClass;
  /** The operation throws, `times` times, then works again. Default: until `heal`. */
  fail(operation: FaultyOperation, error?: Error, times?: number): void;
  /** The operation takes so much longer, by the application's clock. */
  slow(operation: FaultyOperation, milliseconds: number, times?: number): void;
  /** What is read cannot be decoded; what is stored stays as it is. */
  corrupt(times?: number): void;
  /** The lock is somebody else's: whatever would change the store throws `E_SESSION_LOCK_LOST`. */
  loseLock(times?: number): void;
  /** Ends all faults. */
  heal(): void;
}

interface Fault {
  readonly operation: FaultyOperation | 'lock' | 'data';
  readonly error?: Error;
  readonly milliseconds?: number;
  left: number;
}

/** The methods that a handler may have, and the operation that each is part of. */
const OPERATIONS: Readonly<Record<string, FaultyOperation>> = {
  open: 'open',
  close: 'close',
  read: 'read',
  peek: 'read',
  write: 'write',
  create: 'write',
  commit: 'write',
  updateTimestamp: 'updateTimestamp',
  destroy: 'destroy',
  quarantine: 'destroy',
  gc: 'gc',
  validateId: 'validateId',
  createSid: 'createSid',
  renew: 'renew',
};

const NEEDS_LOCK: ReadonlySet<string> = new Set(['write', 'commit', 'updateTimestamp', 'destroy']);
const READS: ReadonlySet<string> = new Set(['read', 'peek']);

type Method = (this: object, ...args: unknown[]) => Awaitable<unknown>;

/**
 * A handler that fails on demand, and is otherwise `base`: in memory, where none is given. Faults reach every request
 * of every application that uses the class.
 */
export function faultyHandler(base: HandlerClass = ArrayHandler): FaultyHandler {
  let faults: Fault[] = [];
  const add = (fault: Fault) => void faults.push(fault);
  /** The fault that this operation meets now, if there is one. */
  const take = (operation: Fault['operation'], kind?: 'error' | 'milliseconds'): Fault | undefined => {
    const fault = faults.find((each) => each.operation === operation && (kind === undefined || kind in each));
    if (fault !== undefined && --fault.left === 0) faults = faults.filter((each) => each !== fault);
    return fault;
  };

  class Faulty extends base {
    readonly #clock: HandlerOptions['clock'];

    constructor(options: HandlerOptions, request: HandlerRequest) {
      super(options, request);
      this.#clock = options.clock;
      // It may now take any time: the manager must watch over it.
      Object.defineProperty(this, 'bounded', { value: false });
    }

    static wait(handler: Faulty, milliseconds: number): Promise<void> {
      return new Promise((resolve) => handler.#clock.setTimeout(resolve, milliseconds));
    }
  }

  const meet = (
    name: string,
    operation: FaultyOperation,
    run: () => Awaitable<unknown>,
  ): Awaitable<unknown> => {
    const failing = take(operation, 'error');
    if (failing !== undefined) throw failing.error;
    if (NEEDS_LOCK.has(name) && take('lock') !== undefined) throw new BlitzError('E_SESSION_LOCK_LOST');
    if (name === 'renew' && faults.some((each) => each.operation === 'lock')) return false;
    const answer = run();
    return READS.has(name) && faults.some((each) => each.operation === 'data') ? spoilt(answer) : answer;
  };
  const spoilt = async (answer: Awaitable<unknown>): Promise<unknown> => {
    const data = await answer;
    if (typeof data !== 'string' || data === '' || take('data') === undefined) return data;
    return data.slice(0, Math.ceil(data.length / 2));
  };

  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const own = (base.prototype as unknown as Record<string, Method | undefined>)[name];
    if (typeof own !== 'function') continue;
    const method: Method = function (...args) {
      const run = () => own.apply(this, args);
      const slow = take(operation, 'milliseconds');
      if (slow === undefined) return meet(name, operation, run);
      return Faulty.wait(this as Faulty, slow.milliseconds as number).then(() => meet(name, operation, run));
    };
    Object.defineProperty(Faulty.prototype, name, { value: method, configurable: true, writable: true });
  }

  const always = Number.POSITIVE_INFINITY;
  return {
    handler: Faulty,
    fail: (operation, error = new Error(`${operation} failed`), times = always) =>
      add({ operation, error, left: times }),
    slow: (operation, milliseconds, times = always) => add({ operation, milliseconds, left: times }),
    corrupt: (times = always) => add({ operation: 'data', left: times }),
    loseLock: (times = always) => add({ operation: 'lock', left: times }),
    heal: () => {
      faults = [];
    },
  };
}
