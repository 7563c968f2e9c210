import type { EventCallback, EventInterface, EventManagerInterface } from '../contracts/events.js';
import { Event } from './event.js';

const DEFAULT_PRIORITY = 100;

interface Listener {
  readonly callback: EventCallback;
  readonly priority: number;
}

/** Registers listeners and calls them in the order of their priority. (BlitzPHP: Event\EventManager.) */
export class EventManager implements EventManagerInterface {
  /** Hears every event. */
  static readonly WILDCARD: string = '*';
  readonly #listeners = new Map<string, Listener[]>();
  #hearsSessions = false;

  on(event: string, callback: EventCallback, priority: number = DEFAULT_PRIORITY): boolean {
    const listeners = [...(this.#listeners.get(event) ?? []), { callback, priority }];
    this.#put(
      event,
      listeners.sort((a, b) => a.priority - b.priority),
    );
    return true;
  }

  attach(event: string, callback: EventCallback, priority: number = DEFAULT_PRIORITY): boolean {
    return this.on(event, callback, priority);
  }

  off(event: string, callback: EventCallback): boolean {
    const listeners = this.#listeners.get(event);
    const at = listeners?.findIndex((listener) => listener.callback === callback) ?? -1;
    if (listeners === undefined || at === -1) return false;
    this.#put(event, listeners.toSpliced(at, 1));
    return true;
  }

  detach(event: string, callback: EventCallback): boolean {
    return this.off(event, callback);
  }

  clearListeners(event: string): void {
    this.#put(event, []);
  }

  #put(event: string, listeners: Listener[]): void {
    if (listeners.length === 0) this.#listeners.delete(event);
    else this.#listeners.set(event, listeners);
    const wanted = (name: string) => name === EventManager.WILDCARD || name.startsWith('session:');
    this.#hearsSessions = [...this.#listeners.keys()].some(wanted);
  }

  /** Whether anybody listens to any event of a session: asked several times a request. */
  get hearsSessions(): boolean {
    return this.#hearsSessions;
  }

  hasListeners(event: string): boolean {
    return (this.#listeners.get(event)?.length ?? 0) > 0 || (this.#listeners.get('*')?.length ?? 0) > 0;
  }

  /** Listeners run one after the other; `false` or `stopPropagation()` ends the row, an exception is the caller's. */
  async emit(name: string, target?: unknown, params?: Record<string, unknown>): Promise<EventInterface> {
    const event = new Event(name, target, params);
    for (const { callback } of this.#row(name)) {
      const result = await callback(event);
      if (result !== undefined) event.result = result;
      if (result === false) event.stopPropagation();
      if (event.isPropagationStopped()) break;
    }
    return event;
  }

  #row(name: string): Listener[] {
    const own = this.#listeners.get(name) ?? [];
    const all = name === EventManager.WILDCARD ? [] : (this.#listeners.get(EventManager.WILDCARD) ?? []);
    return all.length === 0 ? own : [...own, ...all].sort((a, b) => a.priority - b.priority);
  }
}
