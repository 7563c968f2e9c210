/**
 * The keys of a session and their types. Applications augment it:
 *
 * ```ts
 * declare module 'blitz-session' {
 *   interface SessionData { user: { name: string } }
 * }
 * ```
 * `session('user')` is then typed; a key that is not named here is `unknown`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: augmented by applications
export interface SessionData {}

/** What a session holds in memory: one plain object, keys as PHP's `$_SESSION`. */
export type Values = Record<string, unknown>;

/** One key or several. */
export type Keys = string | readonly string[];

/** A value, or the function that computes it when it is needed. */
export type Default<T> = T | (() => T);

/** A value or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;
