import { currentScope, currentStore } from '../../container/request-scope.js';
import type { Values } from '../../contracts/session.js';
import { isBlitzError } from '../../errors.js';
import { getPath, MISSING } from '../../support/paths.js';

/** What is true while a view is rendered: rendering is synchronous, so that no other request comes between. */
interface Rendering {
  /** Error messages that the view was given, by the name of a form. */
  readonly errors: Values | undefined;
  /** A page for an error: it must come out, whether there is a session or not. */
  readonly forgiving: boolean;
}

const NOTHING: Rendering = { errors: undefined, forgiving: false };
let rendering = NOTHING;

/** Renders a view with what its helpers must know; a view inside of a view keeps what that one has. */
export function whileRendering<T>(name: string, errors: Values | undefined, render: () => T): T {
  const outer = rendering;
  const forgiving = outer.forgiving || /^\/*errors\//.test(name);
  rendering = { errors: { ...outer.errors, ...errors }, forgiving };
  try {
    return render();
  } finally {
    rendering = outer;
  }
}

/**
 * Every message for a form, by field: those that the view was given, else those that the request before has left. None on
 * a route without a session. Throws `E_SESSION_NO_REQUEST` outside a request.
 */
export function errors(bag = 'default'): Values {
  const { errors: given } = rendering;
  if (given !== undefined && Object.hasOwn(given, bag)) return valuesOf(given[bag]);
  if (!hasSession()) return {};
  const bags = currentStore().flashed<Values>('errors') ?? {};
  return Object.hasOwn(bags, bag) ? valuesOf(bags[bag]) : {};
}

/** The first message for a field. */
export function error(field: string, bag = 'default'): string | undefined {
  const found = getPath(errors(bag), field);
  const value = Array.isArray(found) ? found[0] : found;
  return value === MISSING || value === undefined || value === null ? undefined : String(value);
}

/** What the form before had in a field; the default on a route without a session. (BlitzPHP: old().) */
export function old<T = string>(key: string, fallback?: T): T | undefined {
  return hasSession() ? currentStore().getOldInput<T | undefined>(key, fallback) : fallback;
}

/** The session's CSRF token. (BlitzPHP: csrf_token().) */
export function csrfToken(): string {
  return forgiven(() => currentStore().token(), '');
}

/** The hidden field that a form must carry. Markup: `<%~ csrf_field() %>`. (BlitzPHP: csrf_field().) */
export function csrfField(): string {
  return hidden('_token', csrfToken());
}

/** A hidden field of a form, as markup. */
export function hidden(name: string, value: string): string {
  const escaped = value.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<input type="hidden" name="${name}" value="${escaped}">`;
}

/** What the session says, or `instead` on a page for an error that has none to ask. */
export function forgiven<T>(ask: () => T, instead: T): T {
  try {
    return ask();
  } catch (failure) {
    if (rendering.forgiving && isBlitzError(failure)) return instead;
    throw failure;
  }
}

/** False only where a route does without: outside a request whoever asks is told. */
function hasSession(): boolean {
  const scope = currentScope();
  return scope?.visit === undefined || scope.session !== undefined;
}

function valuesOf(messages: unknown): Values {
  return typeof messages === 'object' && messages !== null ? (messages as Values) : {};
}
