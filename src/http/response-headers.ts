import type { ServerResponse } from 'node:http';
import type { SessionHeaders } from './start-session.js';

/** Puts the session's headers beside those of the application. */
export function addSessionHeaders(response: ServerResponse, { setCookie, caching }: SessionHeaders): void {
  if (setCookie !== undefined) {
    // Not `appendHeader`: it would push this visitor's cookie into a list that the application may keep.
    const others = response.getHeader('Set-Cookie');
    response.setHeader(
      'Set-Cookie',
      others === undefined ? setCookie : [others, setCookie].flat().map(String),
    );
  }
  if (caching.length === 0 || response.hasHeader('Cache-Control')) return;
  for (const [name, value] of caching) response.setHeader(name, value);
}

/** The headers of a response at one moment, by their names in small letters. */
export type SetHeaders = ReadonlyMap<string, number | string | readonly string[]>;

export function setHeaders(response: ServerResponse): SetHeaders {
  const headers = new Map<string, number | string | readonly string[]>();
  const now = response.getHeaders();
  for (const name in now) {
    const value = now[name];
    // A list is copied: `appendHeader` adds to it in place.
    if (value !== undefined) headers.set(name, Array.isArray(value) ? [...value] : value);
  }
  return headers;
}

/** Takes away the headers that came later, and sets those from before that were changed. */
export function restoreHeaders(response: ServerResponse, before: SetHeaders): void {
  for (const name of response.getHeaderNames()) if (!before.has(name)) response.removeHeader(name);
  for (const [name, value] of before) {
    if (response.getHeader(name) !== value) response.setHeader(name, value);
  }
  response.sendDate = true;
}

/** The headers given to `writeHead`: an object, a flat list, or a list of pairs; repeated names stay repeated. */
export function mergeHeaders(response: ServerResponse, given: unknown): void {
  if (given === undefined || given === null) return;
  if (!Array.isArray(given)) {
    for (const [name, value] of Object.entries(given)) response.setHeader(name, value as string);
    return;
  }
  const flat: unknown[] = Array.isArray(given[0]) ? given.flat(1) : given;
  if (flat.length % 2 !== 0) {
    throw nodeError(TypeError, 'ERR_INVALID_ARG_VALUE', "The argument 'headers' is invalid.");
  }
  const merged = new Map<string, { readonly name: string; readonly value: unknown }>();
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] as string;
    const value = flat[at + 1];
    const field = String(name).toLowerCase();
    const before = merged.get(field);
    merged.set(field, before ? { name, value: [before.value, value].flat() } : { name, value });
  }
  for (const { name, value } of merged.values()) response.setHeader(name, value as string);
}

/** An error as Node itself would throw it. */
export function nodeError(kind: ErrorConstructor, code: string, message: string): Error {
  return Object.assign(new kind(message), { code });
}
