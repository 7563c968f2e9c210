import type { EventInterface } from '../contracts/events.js';

/** One emitted event. (BlitzPHP: Event\Event.) */
export class Event implements EventInterface {
  readonly name: string;
  readonly target: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  result: unknown;
  #stopped = false;

  constructor(name: string, target?: unknown, params: Record<string, unknown> = {}) {
    this.name = name;
    this.target = target;
    this.params = params;
  }

  stopPropagation(): void {
    this.#stopped = true;
  }

  isPropagationStopped(): boolean {
    return this.#stopped;
  }
}
