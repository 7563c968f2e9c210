import { inspect } from 'node:util';
import type { Values } from '../../contracts/session.js';

/** A copy of values that can be compared later: objects by their keys, anything else as text. */
export type Shape = string | ReadonlyMap<string, Shape>;

/** One path whose value is not what it was; `before` or `after` is missing where nothing was, or is. */
export interface Difference {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Levels of objects that are compared key by key. */
const DEEPEST = 6;
/** Characters of a value that are shown. */
const LONGEST = 2000;

export function shapeOf(value: unknown, depth = 0): Shape {
  if (!isPlain(value) || depth === DEEPEST) return textOf(value, Number.POSITIVE_INFINITY);
  const shape = new Map<string, Shape>();
  for (const [key, each] of Object.entries(value)) shape.set(key, shapeOf(each, depth + 1));
  return shape;
}

/** What is not the same in two shapes, in the order of the second one; what is gone comes last. */
export function differences(before: Shape | undefined, after: Shape | undefined, path = ''): Difference[] {
  if (before instanceof Map && after instanceof Map) {
    const below = (key: string): Difference[] =>
      differences(before.get(key), after.get(key), path === '' ? key : `${path}.${key}`);
    const gone = [...before.keys()].filter((key) => !after.has(key));
    return [...after.keys(), ...gone].flatMap(below);
  }
  const [from, to] = [shown(before), shown(after)];
  return from === to && typeof before === typeof after ? [] : [{ path, before: from, after: to }];
}

/** A value for a developer's eyes. Runs no code of the value's own. */
export function display(value: unknown): string {
  const text = textOf(value, 100);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function shown(shape: Shape | undefined): string | undefined {
  if (typeof shape !== 'object') return shape;
  const parts = [...shape].map(([key, each]) => `${key}: ${shown(each)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function textOf(value: unknown, most: number): string {
  try {
    return inspect(value, {
      depth: DEEPEST,
      breakLength: 76,
      customInspect: false,
      maxArrayLength: most,
      maxStringLength: most === Number.POSITIVE_INFINITY ? most : LONGEST,
    });
  } catch {
    return '…';
  }
}

function isPlain(value: unknown): value is Values {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
