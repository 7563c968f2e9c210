/** What a callback of a save handler may answer: now or later; nothing counts as `true`. */
type Answer<T> = T | PromiseLike<T>;
type Done = Answer<boolean | number | undefined | void>;

/**
 * A save handler as PHP knows it: `SessionHandlerInterface`, with the methods of `SessionIdInterface` (`create_sid`)
 * and `SessionUpdateTimestampHandlerInterface` (`validateId`, `updateTimestamp`) where it has them. Ids are those of
 * the cookie, as they came: only `\r \n \t`, space and `< > ' " \` never occur in them. Data is a string with one
 * character a byte.
 */
export interface SaveHandler {
  open(savePath: string, name: string): Done;
  close(): Done;
  /** The data, `''` when there is none; `false` is failure. Bytes are taken too. */
  read(id: string): Answer<string | Uint8Array | false>;
  write(id: string, data: string): Done;
  destroy(id: string): Done;
  /** The number deleted. */
  gc(maxLifetime: number): Answer<number | boolean | undefined | void>;
  create_sid?(): Answer<string>;
  /** As `create_sid`, in the spelling of this package's handlers. */
  createSid?(): Answer<string>;
  validateId?(id: string): Answer<boolean>;
  updateTimestamp?(id: string, data: string): Done;
}

export type SaveHandlerClass = new () => SaveHandler;
export type SaveHandlerFactory = () => SaveHandler;

/** The callbacks of the long form of `session_set_save_handler`, in PHP's order; the last three may stay away. */
export type SaveHandlerCallbacks = [
  open: SaveHandler['open'],
  close: SaveHandler['close'],
  read: SaveHandler['read'],
  write: SaveHandler['write'],
  destroy: SaveHandler['destroy'],
  gc: SaveHandler['gc'],
  create_sid?: NonNullable<SaveHandler['create_sid']>,
  validate_sid?: NonNullable<SaveHandler['validateId']>,
  update_timestamp?: NonNullable<SaveHandler['updateTimestamp']>,
];

/** Gives the handler of one request: a new one from a class or a factory, the same for all where an object was given. */
export type SaveHandlerSource = () => SaveHandler;

const NEEDED = ['open', 'close', 'read', 'write', 'destroy', 'gc'] as const;

/** Reads the arguments of `session_set_save_handler`. Throws a `TypeError` as PHP does. */
export function saveHandlerSource(args: readonly unknown[]): SaveHandlerSource {
  const [first, second] = args;
  if (args.length >= 6) return fromCallbacks(args);
  if (args.length > 2 || (second !== undefined && typeof second !== 'boolean')) {
    throw new TypeError(
      'session_set_save_handler(): expects a handler and a boolean, or 6 to 9 callbacks, not ' +
        `${args.length} arguments`,
    );
  }
  if (typeof first !== 'function') {
    const handler = checked(first);
    return () => handler;
  }
  if (isClass(first)) {
    missingIn(first.prototype, 'class');
    return () => checked(new (first as SaveHandlerClass)());
  }
  return () => checked((first as SaveHandlerFactory)());
}

function fromCallbacks(args: readonly unknown[]): SaveHandlerSource {
  if (args.length > 9) {
    throw new TypeError(`session_set_save_handler(): expects at most 9 callbacks, not ${args.length}`);
  }
  args.forEach((callback, at) => {
    if (typeof callback === 'function' || (at >= 6 && callback === undefined)) return;
    throw new TypeError(`session_set_save_handler(): argument ${at + 1} must be a function`);
  });
  const [open, close, read, write, destroy, gc, create_sid, validateId, updateTimestamp] =
    args as SaveHandlerCallbacks;
  const handler: SaveHandler = {
    open,
    close,
    read,
    write,
    destroy,
    gc,
    ...(create_sid === undefined ? {} : { create_sid }),
    ...(validateId === undefined ? {} : { validateId }),
    ...(updateTimestamp === undefined ? {} : { updateTimestamp }),
  };
  return () => handler;
}

function checked(handler: unknown): SaveHandler {
  missingIn(handler, 'object');
  return handler as SaveHandler;
}

function missingIn(handler: unknown, kind: string): void {
  const missing =
    typeof handler === 'object' && handler !== null
      ? NEEDED.filter((name) => typeof (handler as Record<string, unknown>)[name] !== 'function')
      : NEEDED;
  if (missing.length === 0) return;
  throw new TypeError(
    `session_set_save_handler(): the ${kind} must have the methods of SessionHandlerInterface; ` +
      `missing: ${missing.join(', ')}`,
  );
}

function isClass(value: { prototype?: unknown }): value is { prototype: object } {
  if (/^class\b/.test(Function.prototype.toString.call(value))) return true;
  const { prototype } = value;
  return typeof prototype === 'object' && prototype !== null && 'read' in prototype;
}
