/** Told of a failure that nobody looked at. */
export type Unseen = (error: unknown) => void;

/**
 * The promise of an operation that user code may forget to await. It never becomes an unhandled rejection, and neither
 * does what `then`, `catch` and `finally` make of it: the end of a chain that fails without anybody looking is told to
 * `unseen`.
 */
export class TrackedPromise extends Promise<void> {
  #observed = false;
  #unseen: Unseen = () => {};
  #failure: Promise<{ error: unknown } | undefined> = Promise.resolve(undefined);

  static of(work: Promise<void>, unseen: Unseen): TrackedPromise {
    const tracked = new TrackedPromise((resolve, reject) => {
      work.then(resolve, reject);
    });
    tracked.#unseen = unseen;
    tracked.#failure = work.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    handled(tracked, () => {});
    return tracked;
  }

  /** Whether somebody asked for the outcome. */
  get observed(): boolean {
    return this.#observed;
  }

  /** How it failed, once it has ended. Asking does not count as somebody asking. */
  failure(): Promise<{ error: unknown } | undefined> {
    return this.#failure;
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` of a subclass calls it, which is how it is noticed
  override then<A = void, B = never>(
    fulfilled?: ((value: void) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#observed = true;
    const next = super.then(fulfilled, rejected) as unknown as TrackedPromise;
    next.#unseen = this.#unseen;
    // A turn later, as Node itself does: whoever means to look has looked by then.
    handled(next, (error) => setImmediate(() => next.#observed || next.#unseen(error)));
    return next as unknown as Promise<A | B>;
  }
}

/** Attaches `failed` without counting as somebody who looks. */
function handled(promise: TrackedPromise, failed: (error: unknown) => void): void {
  Promise.prototype.then.call(promise, undefined, failed);
}
