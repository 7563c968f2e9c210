import { wellFormed } from '../address.js';
import { isParameter, type Parameter, type Patterns, type Piece, piecesOf, refusedPath } from './pieces.js';
import { queryOf } from './query.js';

/** Parameters by their names, decoded; optional ones that are not there are absent. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** A route's path: what it matches, the parameters that it names, and the address that it gives. */
export class RoutePath {
  /** As it was written, with one slash in front and none at the end. */
  readonly text: string;
  readonly names: readonly string[];
  readonly #pieces: readonly Piece[];
  readonly #regexp: RegExp;

  /** Throws `E_ROUTE`. */
  constructor(text: string, patterns: Patterns = {}) {
    this.text = `/${text.replace(/^\/+|\/+$/g, '')}`;
    this.#pieces = piecesOf(decoded(this.text), patterns);
    this.names = this.#pieces.filter(isParameter).map(({ name }) => name);
    try {
      this.#regexp = new RegExp(`^${expressionOf(this.#pieces)}$`);
    } catch {
      // Each pattern is an expression, but not all of them in one: two have a group of the same name.
      throw refusedPath(this.text, 'pattern', this.names.join(', '));
    }
  }

  /** As it was written, in the spelling of `readablePath`. */
  get readable(): string {
    return spelled(decoded(this.text));
  }

  /**
   * Where the path stands among others that match the same: in each segment a text comes before a pattern, a pattern
   * before any segment, and that before the rest of the path. Compared as text.
   */
  get rank(): string {
    const shape = this.#pieces.map((piece) => (isParameter(piece) ? markOf(piece) : piece.text));
    const segments = shape.join('').split('/').slice(1);
    return segments.map((segment) => RANKS[segment] ?? (/[\x01-\x03]/.test(segment) ? '1' : '0')).join('');
  }

  /** The parameters of a path in the spelling of `readablePath`; undefined when it does not belong to this route. */
  match(path: string): Parameters | undefined {
    // Of a path whose only segment is absent, the slash is left.
    const found = this.#regexp.exec(path) ?? (path === '/' ? this.#regexp.exec('') : null);
    if (found === null) return undefined;
    const parameters: Record<string, string> = {};
    let at = 0;
    for (const piece of this.#pieces) {
      if (!isParameter(piece)) continue;
      const raw = found.groups?.[`p${at++}`];
      if (raw === undefined) continue;
      const value = raw.includes('%')
        ? raw.replace(/%(?:2F|25)/g, (code) => (code === '%2F' ? '/' : '%'))
        : raw;
      if (piece.apart && piece.pattern?.test(value) === false) return undefined;
      parameters[piece.name] = value;
    }
    return parameters;
  }

  /** The values of the parameters in the order of their names. */
  values(given: Parameters): (string | undefined)[] {
    return this.names.map((name) => given[name]);
  }

  /**
   * The address for these values, in the order of the names or by name; other names become the query. Throws `E_ROUTE`
   * for a value that is missing, too many, or not what its parameter takes.
   */
  address(values: readonly unknown[] | Readonly<Record<string, unknown>>): string {
    if (Array.isArray(values) && values.length > this.names.length) {
      throw refusedPath(this.text, 'many', this.names.join(', ') || '—');
    }
    const left = new Map<string, unknown>(
      Array.isArray(values)
        ? values.map((value, at) => [this.names[at] as string, value])
        : Object.entries(values),
    );
    let absent: string | undefined;
    const path = this.#pieces.map((piece) => {
      if (!isParameter(piece)) return encodePath(piece.text);
      const value = left.get(piece.name);
      left.delete(piece.name);
      const empty = value === undefined || value === null || value === '';
      if (!empty && absent === undefined) return this.#written(piece, value);
      if (!empty || !piece.optional) throw refusedPath(this.text, 'missing', absent ?? piece.name);
      absent ??= piece.name;
      return '';
    });
    return (path.join('').replace(/(?<=.)\/+$/, '') || '/') + queryOf(left);
  }

  #written({ name, pattern }: Parameter, value: unknown): string {
    const text =
      typeof value === 'object' || typeof value === 'function' ? undefined : wellFormed(String(value));
    if (text === undefined || pattern?.test(text) === false) throw refusedPath(this.text, 'value', name);
    // A pattern that the slashes fit means them; anywhere else a slash is a character of the value.
    return pattern === undefined
      ? encodeURIComponent(text)
      : text.split('/').map(encodeURIComponent).join('/');
  }
}

/**
 * A path as a request names it, in one spelling: decoded, but for `%2F` and `%25`, which would be taken for something
 * else, and without a slash at the end. Undefined where it is no UTF-8.
 */
export function readablePath(path: string): string | undefined {
  const trimmed = path.endsWith('/') && !path.endsWith('//') && path !== '/' ? path.slice(0, -1) : path;
  if (!trimmed.includes('%')) return trimmed;
  try {
    const segment = (text: string) => decodeURIComponent(text).replace(/[%/]/g, encodeURIComponent);
    return trimmed.split('/').map(segment).join('/');
  } catch {
    return undefined;
  }
}

const [PATTERN, SEGMENT, REST] = ['\x01', '\x02', '\x03'];
const RANKS: Readonly<Record<string, string>> = { [PATTERN]: '2', [SEGMENT]: '3', [REST]: '4' };

function markOf({ pattern, rest }: Parameter): string {
  if (rest) return REST;
  return pattern === undefined ? SEGMENT : PATTERN;
}

/** The source of the expression that matches pieces; `p0`, `p1` … are the parameters. */
function expressionOf(pieces: readonly Piece[]): string {
  let source = '';
  let open = 0;
  let count = 0;
  pieces.forEach((piece, at) => {
    if (!isParameter(piece)) {
      source += spelled(piece.text).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      return;
    }
    const [before, after] = [pieces[at - 1], pieces[at + 1]];
    const begins = before !== undefined && !isParameter(before) && before.text.endsWith('/');
    const ends = after === undefined || (!isParameter(after) && after.text.startsWith('/'));
    const group = `(?<p${count++}>${sourceOf(piece, begins && ends)})`;
    if (!piece.optional) source += group;
    else if (!begins) source += `${group}?`;
    else {
      // Without the parameter its slash is not there either.
      source = `${source.slice(0, -2)}(?:\\/${group}`;
      open += 1;
    }
  });
  return source + ')?'.repeat(open);
}

function sourceOf({ pattern, apart, rest }: Parameter, whole: boolean): string {
  if (pattern !== undefined && !apart) return pattern.source.slice(1, -1);
  if (rest) return '.*';
  // A bound, where several share a segment: trying every way to divide a long one would take for ever.
  return whole ? '[^/]+' : '[^/]{1,255}?';
}

function spelled(text: string): string {
  return text.replaceAll('%', '%25');
}

/** A path may be written encoded or not. */
function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

function encodePath(text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent);
}
