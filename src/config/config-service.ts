import type { ResolvedConfig } from '../contracts/config.js';

/** Reads the resolved configuration by dotted names (BlitzPHP: `config('session.expiration')`). */
export class ConfigService {
  readonly #config: ResolvedConfig;

  constructor(config: ResolvedConfig) {
    this.#config = config;
  }

  /** The whole configuration, frozen. */
  all(): ResolvedConfig {
    return this.#config;
  }

  /**
   * The value under `session.expiration`, or a whole file under `session`; the default, else undefined,
   * when nothing has that name. Only the configuration's own keys are walked, never a prototype.
   */
  get<T = unknown>(key: string, fallback: T): T;
  get<T = unknown>(key: string): T | undefined;
  get<T = unknown>(key: string, fallback?: T): T | undefined {
    const found = this.#find(key);
    return found === undefined ? fallback : (found as T);
  }

  /** Whether something has that name, `null` included. */
  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** Where an option came from: `default`, a file, a variable, or `Application.boot`; undefined for no option. */
  origin(key: string): string | undefined {
    return Object.hasOwn(this.#config.origins, key) ? this.#config.origins[key] : undefined;
  }

  #find(key: string): unknown {
    let value: unknown = this.#config;
    for (const part of key.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
      value = (value as Record<string, unknown>)[part];
    }
    return value;
  }
}
