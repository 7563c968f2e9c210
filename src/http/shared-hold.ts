import { ServerResponse } from 'node:http';
import { HELD, type HeldResponse, type Method, type Originals, type State } from './held-state.js';
import { keepAside, sharedPrototype } from './shared-prototype.js';

const METHODS = ['writeHead', 'write', 'end', 'flushHeaders'] as const;

/** The functions that hold a response. */
export type Holding = Readonly<Record<(typeof METHODS)[number], Method>>;

/** What a prototype that all responses of the same Express share was given, and what it had before. */
interface Installed {
  readonly shared: Holding;
  readonly below: () => Holding;
}

const installed = new WeakMap<object, Installed>();

export const WRITABLE_ENDED: PropertyDescriptor = {
  configurable: true,
  get(this: HeldResponse): boolean {
    const state: State | undefined = this[HELD];
    return this.finished || (state?.phase === 'held' && state.ended);
  },
};

/**
 * Lets `ours` hold `response` from its prototype, and answers what lies below them. Undefined where it has no prototype
 * but its class's, or where others lie over that prototype's functions: then ours must lie on the response itself.
 */
export function holdFromPrototype(response: ServerResponse, ours: Holding): Holding | undefined {
  const prototype = sharedPrototype(response, ServerResponse.prototype);
  if (prototype === undefined) return undefined;
  let known = installed.get(prototype);
  if (known === undefined) {
    known = install(prototype as Record<PropertyKey, unknown>, ours);
    installed.set(prototype, known);
  }
  const { shared } = known;
  const own = response as unknown as Originals;
  if (own.writeHead !== shared.writeHead || own.write !== shared.write) return undefined;
  if (own.end !== shared.end || own.flushHeaders !== shared.flushHeaders) return undefined;
  return known.below();
}

function install(prototype: Record<PropertyKey, unknown>, ours: Holding): Installed {
  // Looked up at each request: who watches all of node:http lays his own over these later.
  const node = ServerResponse.prototype as unknown as Holding;
  const before: Partial<Record<keyof Holding, Method>> = {};
  for (const name of METHODS) {
    if (Object.hasOwn(prototype, name)) before[name] = prototype[name] as Method;
  }
  const below = (): Holding => ({
    writeHead: before.writeHead ?? node.writeHead,
    write: before.write ?? node.write,
    end: before.end ?? node.end,
    flushHeaders: before.flushHeaders ?? node.flushHeaders,
  });
  const wrapped = (name: keyof Holding): Method => {
    const held = ours[name];
    return function (this: ServerResponse, ...args: unknown[]) {
      const state: State | undefined = (this as HeldResponse)[HELD];
      return (state?.fromPrototype ? held : (before[name] ?? node[name])).apply(this, args);
    };
  };
  const shared: Holding = {
    writeHead: wrapped('writeHead'),
    write: wrapped('write'),
    end: wrapped('end'),
    flushHeaders: wrapped('flushHeaders'),
  };
  keepAside(prototype, HELD);
  Object.assign(prototype, shared);
  // An old name of writeHead, which Node 26 no longer has.
  if (prototype['writeHeader'] !== undefined) prototype['writeHeader'] = shared.writeHead;
  Object.defineProperty(prototype, 'writableEnded', WRITABLE_ENDED);
  return { shared, below };
}
