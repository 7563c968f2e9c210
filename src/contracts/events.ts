import type { Awaitable } from './session.js';

/** One emitted event (BlitzPHP: Contracts\Event\EventInterface). */
export interface EventInterface {
  readonly name: string;
  readonly target: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the last listener returned, if anything. */
  result: unknown;
  stopPropagation(): void;
  isPropagationStopped(): boolean;
}

/** A listener. Returning `false` stops the propagation; it may be async. */
export type EventCallback = (event: EventInterface) => Awaitable<unknown>;

/** The event manager (BlitzPHP: Contracts\Event\EventManagerInterface). */
export interface EventManagerInterface {
  /** Registers `callback`; a lower `priority` value runs first. `*` hears every event. */
  on(event: string, callback: EventCallback, priority?: number): boolean;
  attach(event: string, callback: EventCallback, priority?: number): boolean;
  off(event: string, callback: EventCallback): boolean;
  detach(event: string, callback: EventCallback): boolean;
  /** Removes every listener of `event`. */
  clearListeners(event: string): void;
  /** Runs the listeners one after the other and resolves to the event. */
  emit(event: string, target?: unknown, params?: Record<string, unknown>): Promise<EventInterface>;
}

/** A class found in `app/Listeners/**` or `app/Events/**`. */
export interface EventListenerInterface {
  listen(event: EventManagerInterface): Awaitable<void>;
}
