import type { Awaitable } from '../contracts/session.js';
import { TrackedPromise } from './tracked.js';

/** Is told of an operation that failed and whose promise nobody looked at. */
export interface FailureListener {
  unseenFailure(error: unknown): void;
}

/** What user code asked of the store, in the order of the calls, each after the one before. */
export class Operations {
  #pending: TrackedPromise[] = [];
  #tail: Promise<void> | undefined;
  #unseen: { readonly error: unknown }[] = [];
  /** What is noticed while `finish` waits is thrown by it. */
  #finishing = false;
  /** Is told of a chain that failed without anybody looking; without it the failure waits for `finish`. */
  listener: FailureListener | undefined;

  /** Whether everything that was asked is done and its outcome known. */
  get idle(): boolean {
    return this.#pending.length === 0;
  }

  add(work: () => Awaitable<void>): Promise<void> {
    const before = this.#tail;
    const run = before === undefined ? begun(work) : before.then(work);
    const operation = TrackedPromise.of(run, (error) => this.#notice(error));
    this.#pending.push(operation);
    this.#tail = run.catch(() => {});
    return operation;
  }

  /** Waits for everything. Throws the first failure that nobody looked at. */
  async finish(): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    let chained = false;
    this.#finishing = true;
    while (this.#pending.length > 0) {
      const pending = this.#pending;
      this.#pending = [];
      for (const operation of pending) {
        const failed = await operation.failure();
        if (failed === undefined) continue;
        if (operation.observed) chained = true;
        else failure ??= failed;
      }
    }
    // The end of a chain is known a turn after its last promise, and that turn may have been asked for after this one.
    for (let turn = 0; chained && turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.#finishing = false;
    failure ??= this.#unseen.shift();
    if (failure !== undefined) throw failure.error;
  }

  #notice(error: unknown): void {
    if (this.#finishing || this.listener === undefined) this.#unseen.push({ error });
    else this.listener.unseenFailure(error);
  }
}

async function begun(work: () => Awaitable<void>): Promise<void> {
  await work();
}
