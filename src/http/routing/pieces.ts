import { BlitzError } from '../../errors.js';
import { language } from '../../support/language.js';

/** What a placeholder of BlitzPHP's matches: `(:num)` and the others. Undefined: one segment, whatever is in it. */
const PLACEHOLDERS: Readonly<Record<string, string | undefined>> = {
  num: '[0-9]+',
  alpha: '[a-zA-Z]+',
  alphanum: '[a-zA-Z0-9]+',
  segment: undefined,
  hash: undefined,
  slug: '[a-z0-9-]+',
  uuid: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  any: '.*',
};
/** `{id}`, `{slug?}`, `(:num)`, and `:id` where a segment begins. */
const PARAMETER = /\{(\w+)(\?)?\}|\(:(\w+)\)|(?<=\/):(\w+)(\?)?/g;
/** What looks like a parameter in somebody else's spelling, and what no path can have. */
const UNCLEAR = /[{}*?#]|\(:/;

/** Patterns by the names of parameters. */
export type Patterns = Readonly<Record<string, RegExp | string>>;

/** A part of a route's path: a text, decoded, or a parameter. */
export type Piece = { readonly text: string } | Parameter;

export interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  /** What the value must look like as a whole; undefined: one segment, whatever is in it. */
  readonly pattern: RegExp | undefined;
  /** The pattern holds for a value by itself only: its flags and anchors would mean the whole path. */
  readonly apart: boolean;
  /** The pattern has slashes in it: the rest of the path. */
  readonly rest: boolean;
}

const REASONS = {
  kind: {
    fr: (what: string) => `« (:${what}) » est inconnu ; connus : ${Object.keys(PLACEHOLDERS).join(', ')}`,
    en: (what: string) => `"(:${what})" is unknown; known: ${Object.keys(PLACEHOLDERS).join(', ')}`,
  },
  unclear: {
    fr: (what: string) =>
      `« ${what} » n’est ni un texte ni un paramètre ; écrivez {nom}, {nom?}, (:num) ou (:any), et le motif avec .where('nom', /…/)`,
    en: (what: string) =>
      `"${what}" is neither text nor a parameter; write {name}, {name?}, (:num) or (:any), and the pattern with .where('name', /…/)`,
  },
  last: {
    fr: (what: string) => `le paramètre facultatif « ${what} » doit finir le chemin`,
    en: (what: string) => `the optional parameter "${what}" must end the path`,
  },
  twice: {
    fr: (what: string) => `le paramètre « ${what} » y est deux fois`,
    en: (what: string) => `the parameter "${what}" is there twice`,
  },
  pattern: {
    fr: (what: string) => `le motif du paramètre « ${what} » n’est pas une expression régulière`,
    en: (what: string) => `the pattern of the parameter "${what}" is no regular expression`,
  },
  method: {
    fr: (what: string) => `la méthode « ${what} » n’en est pas une de route`,
    en: (what: string) => `"${what}" is no method of a route`,
  },
  unknown: {
    fr: (what: string) => `elle n’a pas de paramètre « ${what} »`,
    en: (what: string) => `it has no parameter "${what}"`,
  },
  missing: {
    fr: (what: string) => `le paramètre « ${what} » n’a pas de valeur`,
    en: (what: string) => `the parameter "${what}" has no value`,
  },
  value: {
    fr: (what: string) => `la valeur donnée au paramètre « ${what} » n’a pas la forme qu’il demande`,
    en: (what: string) =>
      `the value given to the parameter "${what}" does not have the form that it asks for`,
  },
  many: {
    fr: (what: string) => `plus de valeurs que de paramètres (${what})`,
    en: (what: string) => `more values than parameters (${what})`,
  },
};

/** `E_ROUTE`. Never names a value: it may be a secret. */
export function refusedPath(route: string, reason: keyof typeof REASONS, what: string): BlitzError {
  return new BlitzError('E_ROUTE', { details: { route, reason: REASONS[reason][language()](what) } });
}

/** The pieces of a path. Throws `E_ROUTE` for what it cannot mean. */
export function piecesOf(text: string, patterns: Patterns): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let nameless = 0;
  for (const match of text.matchAll(PARAMETER)) {
    if (match.index > at) pieces.push(plain(text, text.slice(at, match.index)));
    at = match.index + match[0].length;
    const [, braced, bracedOptional, kind, plainName, plainOptional] = match;
    if (kind !== undefined && !Object.hasOwn(PLACEHOLDERS, kind)) throw refusedPath(text, 'kind', kind);
    if (kind !== undefined) nameless += 1;
    const name = braced ?? plainName ?? `arg${nameless}`;
    const usual = kind === undefined ? undefined : PLACEHOLDERS[kind];
    const pattern = Object.hasOwn(patterns, name) ? patterns[name] : usual;
    pieces.push(parameter(text, name, pattern, (bracedOptional ?? plainOptional) !== undefined));
  }
  if (at < text.length) pieces.push(plain(text, text.slice(at)));
  check(text, pieces);
  return pieces;
}

export function isParameter(piece: Piece): piece is Parameter {
  return 'name' in piece;
}

function plain(route: string, text: string): Piece {
  const [unclear] = UNCLEAR.exec(text) ?? [];
  if (unclear !== undefined) throw refusedPath(route, 'unclear', unclear);
  return { text };
}

function parameter(
  route: string,
  name: string,
  given: RegExp | string | undefined,
  optional: boolean,
): Parameter {
  if (given === undefined) return { name, optional, pattern: undefined, apart: false, rest: false };
  const [source, flags] = typeof given === 'string' ? [given, ''] : [given.source, given.flags];
  try {
    // By itself first: `a)(b` is an expression only between parentheses.
    void new RegExp(source);
    const pattern = new RegExp(`^(?:${source})$`, flags.replace(/[gyd]/g, ''));
    const apart = pattern.flags !== '' || /[\^$]/.test(source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/g, ''));
    return { name, optional, pattern, apart, rest: pattern.test('a/b') };
  } catch (cause) {
    throw cause instanceof SyntaxError ? refusedPath(route, 'pattern', name) : cause;
  }
}

function check(route: string, pieces: readonly Piece[]): void {
  const names = new Set<string>();
  let optional: string | undefined;
  for (const piece of pieces) {
    const more = isParameter(piece) ? piece.optional : piece.text === '/';
    if (optional !== undefined && !more) throw refusedPath(route, 'last', optional);
    if (!isParameter(piece)) continue;
    if (names.has(piece.name)) throw refusedPath(route, 'twice', piece.name);
    names.add(piece.name);
    if (piece.optional) optional = piece.name;
  }
}
