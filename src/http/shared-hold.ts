import { ServerResponse } from 'node:http';
import { HELD, type HeldResponse, type Method, type State } from './held-state.js';
import { keepAside, sharedPrototype } from './shared-prototype.js';

const METHODS = ['writeHead', 'write', 'end', 'flushHeaders'] as const;
type Name = (typeof METHODS)[number];

/** A function of a response that is held. */
export type HeldMethod = (
  response: HeldResponse,
  state: State,
  first?: unknown,
  second?: unknown,
  third?: unknown,
) => unknown;
type Ours = Readonly<Record<Name, HeldMethod>>;
type Methods = Readonly<Record<Name, Method>>;

/** What a prototype that all responses of the same Express share was given, and what it had before. */
interface Installed {
  readonly shared: Methods;
  readonly below: () => Methods;
}

/** By the prototypes themselves, and by those that applications make of them; undefined where nothing is shared. */
const installed = new WeakMap<object, Installed | undefined>();

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
export function holdFromPrototype(response: ServerResponse, ours: Ours): Methods | undefined {
  const direct = Object.getPrototypeOf(response) as object;
  if (direct === ServerResponse.prototype) return undefined;
  let known = installed.get(direct);
  if (known === undefined && !installed.has(direct)) {
    const prototype = sharedPrototype(response, ServerResponse.prototype);
    if (prototype !== undefined) known = installed.get(prototype) ?? install(prototype, ours);
    if (prototype !== undefined) installed.set(prototype, known);
    installed.set(direct, known);
  }
  if (known === undefined) return undefined;
  const { shared } = known;
  const own = response as unknown as Methods;
  if (own.writeHead !== shared.writeHead || own.write !== shared.write) return undefined;
  if (own.end !== shared.end || own.flushHeaders !== shared.flushHeaders) return undefined;
  return known.below();
}

function install(prototype: Record<PropertyKey, unknown>, ours: Ours): Installed {
  // Looked up at each request: who watches all of node:http lays his own over these later.
  const node = ServerResponse.prototype as unknown as Methods;
  const before: Partial<Record<Name, Method>> = {};
  for (const name of METHODS) {
    if (Object.hasOwn(prototype, name)) before[name] = prototype[name] as Method;
  }
  const below = (): Methods => ({
    writeHead: before.writeHead ?? node.writeHead,
    write: before.write ?? node.write,
    end: before.end ?? node.end,
    flushHeaders: before.flushHeaders ?? node.flushHeaders,
  });
  const shared = methods((name) => {
    const held = ours[name];
    return function (this: HeldResponse, first, second, third) {
      const state: State | undefined = this[HELD];
      if (state?.fromPrototype) return held(this, state, first, second, third);
      return (before[name] ?? node[name]).call(this, first, second, third);
    };
  });
  keepAside(prototype, HELD);
  Object.assign(prototype, shared);
  // An old name of writeHead, which Node 26 no longer has.
  if (prototype['writeHeader'] !== undefined) prototype['writeHeader'] = shared.writeHead;
  Object.defineProperty(prototype, 'writableEnded', WRITABLE_ENDED);
  return { shared, below };
}

/** The same functions, to lie on a response itself. */
export function ownMethods(ours: Ours): Methods {
  return methods((name) => {
    const held = ours[name];
    return function (this: HeldResponse, first, second, third) {
      return held(this, this[HELD], first, second, third);
    };
  });
}

type AnyMethod = (this: HeldResponse, first?: unknown, second?: unknown, third?: unknown) => unknown;

function methods(make: (name: Name) => AnyMethod): Methods {
  const made = Object.fromEntries(METHODS.map((name) => [name, make(name)]));
  return made as unknown as Methods;
}
