/** Deepest nesting that is kept: enough for any data, far below a stack overflow. */
export const MAX_DEPTH = 512;

/** The member that marks a tagged value in the text; data that has it is escaped. */
export const TAG = '@blitz';

// Symbol keys, named properties of lists and prototypes made by hand have no cheap test. Members pay for it:
// the first containers are tested in full, later ones as members allow, and the cost stays a fixed share.
const START = 28;
const OBJECT_COST = 24;
const LIST_COST = 20;
const NEVER = -(2 ** 30);
let credit = 0;

/**
 * True when `JSON.stringify` alone keeps every value below `values`; false means "look closer", not "refuse".
 * The deciding pass of every commit, so it allocates next to nothing and builds no paths.
 */
export function isPlain(values: object): boolean {
  credit = START;
  return plainObject(values, 0);
}

/** As `isPlain`, for what `JSON.parse` gave: no `-0`, nothing infinite, not too deep. */
export function isPlainJson(json: object): boolean {
  credit = NEVER;
  return plainObject(json, 0);
}

function plainObject(object: object, depth: number): boolean {
  // The own prototype would be exact, but its call costs as much as the rest of a small object.
  if (object.constructor !== Object && (depth > 0 || Object.getPrototypeOf(object) !== null)) return false;
  for (const key in object) {
    if (key === TAG) return false;
    const value = (object as Record<string, unknown>)[key];
    credit++;
    if (typeof value === 'number') {
      if (value === 0 ? 1 / value < 0 : value - value !== 0) return false;
      continue;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) continue;
    if (typeof value !== 'object' || depth >= MAX_DEPTH) return false;
    if (Array.isArray(value) ? !plainList(value, depth + 1) : !plainObject(value, depth + 1)) return false;
  }
  if (credit < OBJECT_COST) return true;
  credit -= OBJECT_COST;
  const prototype: unknown = Object.getPrototypeOf(object);
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.getOwnPropertySymbols(object).length === 0
  );
}

function plainList(list: readonly unknown[], depth: number): boolean {
  if ((list.constructor as unknown) !== Array) return false;
  const length = list.length;
  for (let i = 0; i < length; i++) {
    const value = list[i];
    if (typeof value === 'number') {
      if (value === 0 ? 1 / value < 0 : value - value !== 0) return false;
      continue;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) continue;
    if (typeof value !== 'object' || depth >= MAX_DEPTH) return false;
    if (Array.isArray(value) ? !plainList(value, depth + 1) : !plainObject(value, depth + 1)) return false;
  }
  const cost = LIST_COST + 2 * length;
  if (credit < cost) return true;
  credit -= cost;
  return Object.getPrototypeOf(list) === Array.prototype && Object.keys(list).length === length;
}
