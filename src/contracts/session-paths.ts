import type { Default, SessionData, Values } from './session.js';

/** Segments of a key that are followed; what lies deeper is unknown. */
type Deepest = 8;

type Nothing = null | undefined;

/** What is stored whole: a path does not enter it. */
type Leaf =
  | Date
  | Uint8Array
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...args: never[]) => unknown);

/** Type of one step into a list; `never`: it leads nowhere. */
type Element<T extends readonly unknown[], Step extends string> = number extends T['length']
  ? Step extends `${number}`
    ? T[number]
    : never
  : Step extends keyof T
    ? T[Step]
    : `${number}` extends Step
      ? T[number]
      : never;

type Member<T extends object, Step extends string> = Step extends keyof T
  ? Required<T>[Step]
  : Step extends `${infer N extends number}`
    ? N extends keyof T
      ? Required<T>[N]
      : never
    : never;

/** Type of one step, into each member of a union by itself. */
type Into<T, Step extends string> = 0 extends 1 & T
  ? T
  : T extends Leaf
    ? never
    : T extends readonly unknown[]
      ? Element<T, Step>
      : T extends object
        ? Member<T, Step>
        : never;

type Walk<T, Path extends string, Steps extends readonly 0[]> = Steps['length'] extends Deepest
  ? never
  : Path extends `${infer Step}.${infer Rest}`
    ? Walk<Into<T, Step>, Rest, [...Steps, 0]>
    : Into<T, Path>;

/** The type that `SessionData` gives a key or a dotted path, `never` where it says nothing. */
type Described<K extends string> = K extends keyof SessionData
  ? Required<SessionData>[K]
  : K extends `${infer First}.${infer Rest}`
    ? First extends keyof SessionData
      ? Walk<SessionData[First], Rest, [0]>
      : never
    : never;

/**
 * The type of what is stored under a key or a dotted path, as `SessionData` describes it; `unknown` where it says
 * nothing. An optional member has the type that it has when it is there. Each path is followed by itself and at most
 * eight segments deep: a type that contains itself costs the compiler nothing.
 */
export type SessionValue<K extends string> = K extends string
  ? [Described<K>] extends [never]
    ? unknown
    : Described<K>
  : never;

/** `K` itself where `SessionData` describes it, else `never`: another signature then answers. */
export type Known<K extends string> = K extends string ? ([Described<K>] extends [never] ? never : K) : never;

/** `K`, unless `SessionData` says that something else than a number is there. */
export type Countable<K extends string> =
  unknown extends Described<K> ? K : [Described<K>] extends [number | Nothing] ? K : never;

/** What can be appended to the list under `K`. */
export type Appended<K extends string> =
  unknown extends SessionValue<K>
    ? unknown
    : NonNullable<Described<K>> extends readonly (infer Item)[]
      ? Item
      : never;

/** What `remember` gives: never null, and what is there has the type of the key. */
export type Remembered<K extends string> = NonNullable<Described<K>>;

/** Several values by their keys, dotted paths among them. */
export type SessionValues<V> = Partial<SessionData> & Values & DottedValues<V>;

type DottedValues<V> = {
  [K in keyof V as K extends `${string}.${string}` ? K : never]: K extends string ? SessionValue<K> : never;
};

/** A name of `SessionData`, or any other key: editors then propose the names. */
export type SessionKey = (keyof SessionData & string) | (string & Record<never, never>);

/** One key or several. */
export type SessionKeys = SessionKey | readonly SessionKey[];

/** A default of the type of the key. */
export type DefaultFor<K extends string> = Default<SessionValue<K>>;
