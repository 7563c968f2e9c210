import 'reflect-metadata';
import { Container } from 'inversify';
import { BlitzError } from '../errors.js';

/** Makes one service; `make` gives it the services that it depends on. */
export type Factory = (make: (name: string) => unknown, ...args: never[]) => unknown;

/**
 * The inversify container of one application: a binding a name, each a singleton made when it is first asked for. A
 * service that is replaced takes everything that was made from it along, so that nothing keeps the old one.
 */
export class ServiceContainer {
  readonly #inversify: Container = new Container({ defaultScope: 'Singleton' });
  readonly #factories = new Map<string, Factory>();
  readonly #replaced = new Set<string>();
  /** For each service, the services that were made from it. */
  readonly #dependents = new Map<string, Set<string>>();
  /** What was made: inversify is asked once for each, and not by every request again. */
  readonly #made = new Map<string, unknown>();
  #version = 0;
  /** The services whose factories are at work, outermost first: who asks for another one depends on it. */
  readonly #making: string[] = [];

  /** Binds `name` to what `factory` makes. */
  define(name: string, factory: Factory): void {
    this.#factories.set(name, factory);
    this.#bind(name);
  }

  /** Another number as soon as a service may be another one than before, for who keeps some at hand. */
  get version(): number {
    return this.#version;
  }

  has(name: string): boolean {
    return this.#inversify.isBound(name);
  }

  names(): string[] {
    return [...this.#factories.keys()].sort();
  }

  /** The shared instance. Throws `E_SERVICE_UNKNOWN`. */
  get<T = unknown>(name: string): T {
    const asking = this.#making.at(-1);
    if (asking === undefined) {
      const made = this.#made.get(name);
      if (made !== undefined) return made as T;
    }
    if (!this.has(name)) throw this.#unknown(name);
    if (asking !== undefined) {
      const dependents = this.#dependents.get(name) ?? new Set();
      this.#dependents.set(name, dependents.add(asking));
    }
    const service = this.#inversify.get<T>(name);
    this.#made.set(name, service);
    return service;
  }

  /** Whether `set` put something else in the place of the service. */
  isReplaced(name: string): boolean {
    return this.#replaced.has(name);
  }

  /** A new instance of its own, made with `args`. Throws `E_SERVICE_UNKNOWN`. */
  make<T = unknown>(name: string, ...args: unknown[]): T {
    const factory = this.#factories.get(name);
    if (factory === undefined) throw this.#unknown(name);
    return factory((other) => this.get(other), ...(args as never[])) as T;
  }

  /** Puts `value` in the place of a service, for tests. */
  set(name: string, value: unknown): void {
    this.#forget(name);
    this.#replaced.add(name);
    this.#unbind(name);
    this.#inversify.bind(name).toConstantValue(value);
  }

  /** Takes back what `set` did, for one service or all; what depended on it is made anew. */
  reset(name?: string): void {
    const names = name === undefined ? [...this.#replaced] : [name];
    for (const each of names) {
      this.#replaced.delete(each);
      this.#forget(each);
      if (this.#factories.has(each)) this.#bind(each);
      else this.#unbind(each);
    }
  }

  /** Forgets what was made from `name`, so that it is made anew when it is asked for. */
  #forget(name: string): void {
    const dependents = this.#dependents.get(name);
    this.#dependents.delete(name);
    for (const dependent of dependents ?? []) {
      if (this.#replaced.has(dependent)) continue;
      this.#forget(dependent);
      this.#bind(dependent);
    }
  }

  #bind(name: string): void {
    this.#unbind(name);
    this.#inversify.bind(name).toDynamicValue(() => {
      const factory = this.#factories.get(name) as Factory;
      this.#making.push(name);
      try {
        return factory((other) => this.get(other));
      } finally {
        this.#making.pop();
      }
    });
  }

  #unbind(name: string): void {
    this.#version++;
    this.#made.delete(name);
    if (this.has(name)) this.#inversify.unbindSync(name);
  }

  #unknown(name: string): BlitzError {
    return new BlitzError('E_SERVICE_UNKNOWN', { details: { name, known: this.names().join(', ') } });
  }
}
