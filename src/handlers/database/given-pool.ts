/** A pool of mysql2 (with callbacks or promises) or of pg, as far as it is looked at here. */
export interface GivenPool {
  end(): unknown;
  /** pg: what a connection is opened with, and most connections. */
  readonly options?: Record<string, unknown>;
  /** pg: the class of its connections. */
  readonly Client?: unknown;
  /** mysql2. */
  readonly config?: { readonly connectionConfig: Record<string, unknown>; readonly connectionLimit?: number };
}

/** The pool that stands in the place of a group's `pool`; undefined when those are options. */
export function givenPool(pool: Readonly<Record<string, unknown>>): GivenPool | undefined {
  if (typeof pool['end'] !== 'function') return undefined;
  // mysql2's pool with promises is one with callbacks inside.
  const inner = pool['pool'] as { config?: unknown } | undefined;
  return (inner?.config === undefined ? pool : inner) as unknown as GivenPool;
}

/** Most connections that a group's `pool` allows; undefined when it says nothing. */
export function largestPool(pool: Readonly<Record<string, unknown>>): number | undefined {
  const given = givenPool(pool);
  const said = given === undefined ? pool['max'] : (given.options?.['max'] ?? given.config?.connectionLimit);
  return typeof said === 'number' && said >= 1 ? Math.floor(said) : undefined;
}
