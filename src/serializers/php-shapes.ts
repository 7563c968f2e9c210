import { emptyLists } from '../support/paths.js';
import { type Cell, nested, type Origin, origins } from './php-origin.js';
import { isIndexKey, isIntegerKey } from './php-text.js';
import { emptyObject, type PhpEnum, PhpObject, type PhpSerializable } from './php-values.js';

/** A value as it is read: containers are made when all of it is known. */
export interface Held {
  value: unknown;
  float: boolean;
  /** How many places hold it: more than one is a reference. */
  places: number;
  cell: Cell | undefined;
}

/** A place that can be referred to: an element, a property, a variable. */
export interface Slot {
  held: Held;
}

export function newSlot(): Slot {
  return { held: { value: null, float: false, places: 0, cell: undefined } };
}

/** An array or object that is being read. */
export class Shape {
  readonly slots: Map<string, Slot> = new Map();
  /** The names of an object that were integers. */
  integers: Set<string> | undefined;
  /** The keys are 0, 1, 2 … in this order. */
  list = true;
  /** What it becomes. */
  made: object | undefined;
  readonly className: string | undefined;

  constructor(className?: string) {
    this.className = className;
  }

  /** The place under a key. A key that comes again takes the old place, which then holds something new. */
  at(key: string): Slot {
    const known = this.slots.get(key);
    if (known !== undefined) {
      known.held = newSlot().held;
      return known;
    }
    if (this.list && key !== String(this.slots.size)) this.list = false;
    const slot = newSlot();
    this.slots.set(key, slot);
    return slot;
  }
}

/** A case, which is one object however often it is written, or a `C:` object. */
export class Instance {
  readonly made: PhpEnum | PhpSerializable;
  inner: Slot | undefined;

  constructor(made: PhpEnum | PhpSerializable) {
    this.made = made;
  }
}

/**
 * The value of a place that was read, with all that is in it. First the containers are made, then filled: so cycles need no
 * care. What a key that came again has replaced is left out, and so are its references. The variables of a session (`root`)
 * become an object whatever their keys are.
 */
export function makeValue(value: unknown, root = false): unknown {
  const shapes = new Set<Shape>();
  const instances = new Set<Instance>();
  collect(value, shapes, instances);
  for (const shape of shapes)
    for (const { held } of shape.slots.values()) collect(held.value, shapes, instances);
  for (const shape of shapes) shape.made = containerOf(shape, root && shape === value);
  for (const shape of shapes) for (const { held } of shape.slots.values()) held.places++;
  for (const { inner } of instances) if (inner !== undefined) inner.held.places++;
  for (const shape of shapes) fill(shape, root && shape === value);
  for (const { made, inner } of instances) {
    if (inner === undefined) continue;
    const { float } = inner.held;
    nested.set(made as PhpSerializable, { value: madeOf(inner.held.value), float, cell: cellOf(inner) });
  }
  return madeOf(value);
}

/** Sets are walked while they grow: no recursion. */
function collect(value: unknown, shapes: Set<Shape>, instances: Set<Instance>): void {
  let next = value;
  while (next instanceof Instance && !instances.has(next)) {
    instances.add(next);
    next = next.inner?.held.value;
  }
  if (next instanceof Shape) shapes.add(next);
}

function containerOf({ list, className }: Shape, root: boolean): object {
  if (className !== undefined) return emptyObject(className);
  return list && !root ? [] : {};
}

/** One for all places that hold the reference. */
function cellOf({ held }: Slot): Cell | undefined {
  if (held.places > 1) held.cell ??= { value: madeOf(held.value) };
  return held.cell;
}

function madeOf(value: unknown): unknown {
  return value instanceof Shape || value instanceof Instance ? value.made : value;
}

/** Puts the values of a shape where they belong, and remembers what JavaScript cannot say of them. */
function fill(shape: Shape, root: boolean): void {
  const into = shape.made instanceof PhpObject ? shape.made.properties : (shape.made as object);
  const list = Array.isArray(into);
  const floats = new Set<string>();
  const cells = new Map<string, Cell>();
  for (const [key, slot] of shape.slots) {
    const value = madeOf(slot.held.value);
    define(into, key, value, list);
    if (slot.held.float) floats.add(key);
    const cell = cellOf(slot);
    if (cell !== undefined) cells.set(key, cell);
  }
  const order = list ? undefined : orderOf(shape);
  const integers = root && shape.integers === undefined ? integersOf(shape) : shape.integers;
  remember(into, {
    ...(order === undefined ? {} : { order }),
    ...(floats.size === 0 ? {} : { floats: list && floats.size === into.length ? true : floats }),
    ...(cells.size === 0 ? {} : { cells }),
    ...(integers === undefined ? {} : { integers }),
  });
  if (shape.made instanceof PhpObject) Object.freeze(into);
  if (list && into.length === 0) emptyLists.add(into);
}

function define(into: object, key: string, value: unknown, list: boolean): void {
  if (list) (into as unknown[]).push(value);
  else if (key !== '__proto__') (into as Record<string, unknown>)[key] = value;
  else Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The keys in PHP's order, or undefined when it is JavaScript's too. */
function orderOf({ slots }: Shape): readonly string[] | undefined {
  let last = -1;
  for (const key of slots.keys()) {
    if (!isIndexKey(key)) last = Number.POSITIVE_INFINITY;
    else if (Number(key) < last) return [...slots.keys()];
    else last = Number(key);
  }
  return undefined;
}

function integersOf({ slots }: Shape): ReadonlySet<string> | undefined {
  const found = [...slots.keys()].filter(isIntegerKey);
  return found.length === 0 ? undefined : new Set(found);
}

function remember(into: object, origin: Origin): void {
  for (const _ in origin) {
    origins.set(into, origin);
    return;
  }
}
