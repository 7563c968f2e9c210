import type { Handler, HandlerOptions } from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { isThenable } from '../support/thenable.js';
import { BaseHandler } from './base-handler.js';

interface Entry {
  data: string;
  lastActivity: number;
}

/** The memory of one application. */
class Memory {
  readonly records = new Map<string, Entry>();
  readonly locks = new Map<string, ArrayHandler>();
}

const memories = new WeakMap<HandlerOptions, Memory>();

/**
 * Sessions in this process's memory, for tests: kept between the requests of one application and gone with it. Locks
 * and expiry behave as on every other handler. (BlitzPHP: Handlers\ArrayHandler.)
 */
export class ArrayHandler extends BaseHandler implements Handler {
  readonly locks = true;
  lastActivity: number | undefined;
  #held: string | undefined;

  /** Empties the application's memory. */
  static shutdown(options: HandlerOptions): void {
    memories.delete(options);
  }

  get #memory(): Memory {
    let memory = memories.get(this.options);
    if (!memory) {
      memory = new Memory();
      memories.set(this.options, memory);
    }
    return memory;
  }

  read(id: string): Awaitable<string> {
    const entry = this.waitForLock<Entry | 'absent'>(() => {
      const { records, locks } = this.#memory;
      if (locks.has(id)) return undefined;
      const found = records.get(id);
      if (found === undefined) return 'absent';
      locks.set(id, this);
      this.#held = id;
      return found;
    });
    return isThenable(entry) ? Promise.resolve(entry).then((e) => this.#accept(e)) : this.#accept(entry);
  }

  #accept(entry: Entry | 'absent'): string {
    if (entry === 'absent') return '';
    this.lastActivity = entry.lastActivity;
    return entry.data;
  }

  peek(id: string): string {
    return this.#accept(this.#memory.records.get(id) ?? 'absent');
  }

  create(id: string, data: string): boolean {
    if (this.#memory.records.has(id)) return false;
    this.write(id, data);
    return true;
  }

  write(id: string, data: string): void {
    this.#memory.records.set(id, { data, lastActivity: this.options.clock.now() });
  }

  updateTimestamp(id: string): void {
    const entry = this.#memory.records.get(id);
    if (entry) entry.lastActivity = this.options.clock.now();
  }

  commit(id: string, data: string | null, keep: boolean): void {
    if (this.#held !== id) throw new BlitzError('E_SESSION_LOCK_LOST');
    if (data === null) this.updateTimestamp(id);
    else this.write(id, data);
    if (!keep) this.close();
  }

  destroy(id: string): void {
    this.#memory.records.delete(id);
    if (this.#held === id) this.close();
  }

  handOver(): unknown {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  adopt(held: unknown): void {
    this.#held = held as string;
    this.#memory.locks.set(this.#held, this);
  }

  override close(): void {
    if (this.#held !== undefined) this.#memory.locks.delete(this.#held);
    this.#held = undefined;
  }

  override gc(maxLifetime: number): number {
    const { records, locks } = this.#memory;
    const before = this.options.clock.now() - maxLifetime * 1000;
    let removed = 0;
    for (const [id, entry] of records) {
      if (entry.lastActivity <= before && !locks.has(id)) {
        records.delete(id);
        removed++;
      }
    }
    return removed;
  }
}
