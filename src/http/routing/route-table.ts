import { type Parameters, readablePath } from './path.js';
import type { Method, RouteDefinition } from './route.js';

/** The route that a request belongs to. */
export interface RouteMatch {
  readonly route: RouteDefinition;
  readonly parameters: Parameters;
}

/**
 * Finds the route of a request. Of several that fit, the one that says more comes first, segment by segment: a text
 * before a pattern, a pattern before a whole segment, and the rest of the path last; of two that say the same, the one
 * that was declared first, as in BlitzPHP.
 */
export class RouteTable {
  /** Routes without parameters, by their path. */
  readonly #plain = new Map<string, RouteDefinition[]>();
  /** The others by their first segment, where that is a text. */
  readonly #begun = new Map<string, RouteDefinition[]>();
  readonly #open: RouteDefinition[] = [];

  constructor(routes: readonly RouteDefinition[]) {
    const ranked = routes.map((route) => ({ route, rank: route.path.rank }));
    ranked.sort((one, other) => (one.rank < other.rank ? -1 : Number(one.rank > other.rank)));
    for (const { route, rank } of ranked) this.#listOf(route, rank).push(route);
  }

  /** `path`: as the request names it, without the query. HEAD is answered by what answers GET. */
  find(method: string, path: string): RouteMatch | undefined {
    const wanted = (method === 'HEAD' ? 'GET' : method) as Method;
    const readable = readablePath(path);
    if (readable === undefined) return undefined;
    for (const route of this.#candidates(readable)) {
      if (!route.methods.includes(wanted)) continue;
      const parameters = route.path.match(readable);
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }

  /** The methods that a path answers; HEAD goes without saying where GET is. */
  methodsOf(path: string): Method[] {
    const readable = readablePath(path);
    if (readable === undefined) return [];
    const matching = this.#candidates(readable).filter((route) => route.path.match(readable) !== undefined);
    return [...new Set(matching.flatMap(({ methods }) => methods))];
  }

  #candidates(path: string): readonly RouteDefinition[] {
    const plain = this.#plain.get(path);
    const begun = this.#begun.get(firstOf(path));
    if (plain === undefined && begun === undefined) return this.#open;
    return [...(plain ?? []), ...(begun ?? []), ...this.#open];
  }

  #listOf({ path }: RouteDefinition, rank: string): RouteDefinition[] {
    if (path.names.length === 0) return entryOf(this.#plain, path.readable);
    return rank.startsWith('0') ? entryOf(this.#begun, firstOf(path.readable)) : this.#open;
  }
}

function firstOf(path: string): string {
  const end = path.indexOf('/', 1);
  return path.slice(1, end === -1 ? undefined : end);
}

function entryOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
