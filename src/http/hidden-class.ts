import { IncomingMessage, type ServerResponse } from 'node:http';
import { WRITABLE_ENDED } from './held-methods.js';

/*
 * Express changes the prototype of each request and response. From then on V8 makes a hidden class of its own for every
 * property that is put on one of them: about a kilobyte of old space, and whatever looks at such an object, Node and
 * Express included, misses every cache. An object from which a property in the middle was deleted is a table instead,
 * and all tables with the same prototype share one hidden class. Express itself is then faster by a fifth.
 */
const FIRST = Symbol('first');
const LAST = Symbol('last');

type Message = Record<symbol, unknown>;

/** Prototypes of requests, and whether those below them have classes of their own. */
const changed = new WeakMap<object, boolean>();

/** Lets a request and its response share their hidden classes with all others, if their prototypes were changed. */
export function shareHiddenClass(request: IncomingMessage, response: ServerResponse): void {
  const prototype = Object.getPrototypeOf(request) as object;
  if (prototype === IncomingMessage.prototype) return;
  let lonely = changed.get(prototype);
  if (lonely === undefined) {
    lonely = isChanged(prototype);
    changed.set(prototype, lonely);
  }
  if (!lonely) return;
  // Defined later it would give the response a class of its own again.
  Object.defineProperty(response, 'writableEnded', WRITABLE_ENDED);
  makeTable(request as unknown as Message);
  makeTable(response as unknown as Message);
}

/** Whether an object that is no class stands between a request and its class. */
function isChanged(prototype: object): boolean {
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each)) {
    if (Object.hasOwn(each, 'constructor')) return false;
    if (Object.getPrototypeOf(each) === IncomingMessage.prototype) return true;
  }
  return false;
}

function makeTable(message: Message): void {
  message[FIRST] = undefined;
  message[LAST] = undefined;
  delete message[FIRST];
  delete message[LAST];
}
