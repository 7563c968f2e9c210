import type { ServerResponse } from 'node:http';
import { HELD, type HeldResponse, type Method, type State } from './held-state.js';

type Name = 'writeHead' | 'write' | 'end' | 'flushHeaders';

/** A function of a response that is held. */
export type HeldMethod = (
  response: HeldResponse,
  state: State,
  first?: unknown,
  second?: unknown,
  third?: unknown,
) => unknown;

export const WRITABLE_ENDED: PropertyDescriptor = {
  configurable: true,
  get(this: HeldResponse): boolean {
    const state: State | undefined = this[HELD];
    return this.finished || (state?.phase === 'held' && state.ended);
  },
};

/** The functions that lie on a response, the same ones on all. */
export function ownMethods(ours: Readonly<Record<Name, HeldMethod>>): Readonly<Record<Name, Method>> {
  const own = (held: HeldMethod) =>
    function (this: ServerResponse, first?: unknown, second?: unknown, third?: unknown) {
      return held(this as HeldResponse, (this as HeldResponse)[HELD], first, second, third);
    };
  return {
    writeHead: own(ours.writeHead),
    write: own(ours.write),
    end: own(ours.end),
    flushHeaders: own(ours.flushHeaders),
  };
}
