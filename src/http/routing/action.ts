import type { Request } from '../request.js';
import type { Response } from '../response.js';

/** `'/users/{id}/{tab?}'` → `[string, string | undefined]`; `(:num)` and the others are a `string` each. */
export type ParametersOf<Path extends string> = Path extends `${infer Before}{${infer Name}}${infer After}`
  ? [...Nameless<Before>, ValueOf<Name>, ...ParametersOf<After>]
  : Nameless<Path>;

type Nameless<Path extends string> = Path extends `${infer Before}(:${string})${infer After}`
  ? [...Colons<Before>, string, ...Nameless<After>]
  : Colons<Path>;

/** `/:id`, where a segment begins. */
type Colons<Path extends string> = Path extends `${string}/:${infer Rest}`
  ? Rest extends `${infer Name}/${infer After}`
    ? [ValueOf<Name>, ...Colons<`/${After}`>]
    : [ValueOf<Rest>]
  : [];

type ValueOf<Name extends string> = Name extends `${string}?` ? string | undefined : string;

/** A closure: the path's parameters in their order, then the request and the response. */
export type Closure<Path extends string> = (...args: [...ParametersOf<Path>, Request, Response]) => unknown;

/** A closure whose parameters are written out, in a group whose prefix has some of its own. */
// biome-ignore lint/suspicious/noExplicitAny: whoever writes the types out answers for them
export type AnyClosure = (...args: any[]) => unknown;

export type ControllerClass<Instance extends object = object> = new () => Instance;

/** `[UserController, 'show']`. */
export type ControllerAction<Instance extends object = object> = readonly [
  controller: ControllerClass<Instance>,
  method: MethodOf<Instance>,
];

/** The methods of a controller that an action may name. */
export type MethodOf<Instance> = {
  [Name in keyof Instance]: Instance[Name] extends AnyClosure ? Name : never;
}[keyof Instance];

export type Action = AnyClosure | readonly [ControllerClass, PropertyKey];
