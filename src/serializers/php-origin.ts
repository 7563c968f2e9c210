import type { PhpSerializable } from './php-values.js';

/** A reference (`&`) of PHP: the places that hold the same one are written as `R:` while they hold the same value. */
export interface Cell {
  /** What it held when it was read. */
  value: unknown;
}

/** What JavaScript cannot say about a container that came from PHP, and PHP needs to get it back unchanged. */
export interface Origin {
  /** The keys in PHP's order, where JavaScript moves the integers to the front. */
  readonly order?: readonly string[];
  /** The keys that held floats; `true`: a list in which every value was one. */
  readonly floats?: ReadonlySet<string> | true;
  /** The references that keys hold. */
  readonly cells?: ReadonlyMap<string, Cell>;
  /** Of properties: integers that are not written as strings. Of a session: integers that came as names of variables. */
  readonly integers?: ReadonlySet<string>;
}

/** By container: lists, plain objects, the properties of PHP objects, the values of a session. Never changed, only replaced. */
export const origins: WeakMap<object, Origin> = new WeakMap<object, Origin>();

/** What the text of a `C:` object holds, where it is serialized data itself: its values are counted by PHP. */
export const nested: WeakMap<PhpSerializable, { value: unknown; float: boolean; cell: Cell | undefined }> =
  new WeakMap();
