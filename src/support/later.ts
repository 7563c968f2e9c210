type State = 'pending' | 'resolved' | 'rejected';
type Handler = (value: unknown) => unknown;

/**
 * A promise for the way down to the store and back: it tells its listeners at once, in the order in which they came, and
 * makes no promise of the engine's. Each of those costs a request one or two microseconds where its context is followed
 * (AsyncLocalStorage on Node 20 and 22), and an ordinary request went through thirty.
 *
 * Whoever settles one must be in the context of its request: in what `then` of an engine's promise calls, or in a timer
 * of the request. A rejection that nobody listens to is reported as the engine reports its own.
 */
export class Later<T> implements PromiseLike<T> {
  #state: State = 'pending';
  #value: unknown;
  /** What becomes of the value of the one that this one follows. Functions made for it would cost more than itself. */
  #onResolved: Handler | undefined;
  #onRejected: Handler | undefined;
  /** Who follows; nearly always one. */
  #follower: Later<unknown> | undefined;
  #more: Later<unknown>[] | undefined;
  #unheard: Promise<never> | undefined;

  /** What `promise` will be. */
  static from<T>(promise: PromiseLike<T>): Later<T> {
    const later = new Later<T>();
    promise.then(
      (value) => later.resolve(value),
      (error: unknown) => later.reject(error),
    );
    return later;
  }

  /**
   * What `executor` tells, wherever that happens: it goes through one promise of the engine, which brings it into the
   * context of whoever asked.
   */
  static promised<T>(
    executor: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Later<T> {
    return Later.from(new Promise<T>(executor));
  }

  /** What `work` answers, or the failure it throws. */
  static of<T>(work: () => T | PromiseLike<T>): Later<T> {
    const later = new Later<T>();
    later.#follow(work, undefined);
    return later;
  }

  static rejected<T>(error: unknown): Later<T> {
    const later = new Later<T>();
    later.reject(error);
    return later;
  }

  get pending(): boolean {
    return this.#state === 'pending';
  }

  /** `value` is not looked at: it must be no promise. */
  resolve(value: T): void {
    if (this.#state === 'pending') this.#settle('resolved', value);
  }

  reject(error: unknown): void {
    if (this.#state === 'pending') this.#settle('rejected', error);
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited like any promise
  then<A = T, B = never>(
    resolved?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Later<A | B> {
    const next = new Later<A | B>();
    if (typeof resolved === 'function') next.#onResolved = resolved as Handler;
    if (typeof rejected === 'function') next.#onRejected = rejected;
    this.#lead(next as Later<unknown>);
    return next;
  }

  catch<B>(rejected: (reason: unknown) => B | PromiseLike<B>): Later<T | B> {
    return this.then(undefined, rejected);
  }

  #lead(follower: Later<unknown>): void {
    if (this.#state !== 'pending') {
      this.#unheard?.catch(() => {});
      follower.#take(this.#state, this.#value);
    } else if (this.#follower === undefined) this.#follower = follower;
    else {
      this.#more ??= [];
      this.#more.push(follower);
    }
  }

  /** What it follows has settled. */
  #take(state: State, value: unknown): void {
    const handler = state === 'resolved' ? this.#onResolved : this.#onRejected;
    this.#onResolved = undefined;
    this.#onRejected = undefined;
    if (handler !== undefined) this.#follow(handler as (value: unknown) => T, value);
    else if (this.#state === 'pending') this.#settle(state, value);
  }

  #settle(state: State, value: unknown): void {
    this.#state = state;
    this.#value = value;
    const first = this.#follower;
    const more = this.#more;
    this.#follower = undefined;
    this.#more = undefined;
    if (first !== undefined) first.#take(state, value);
    else if (state === 'rejected') this.#unheard = Promise.reject(value);
    if (more !== undefined) for (const follower of more) follower.#take(state, value);
  }

  /** Becomes what `work` answers for `value`. */
  #follow<V>(work: (value: V) => T | PromiseLike<T>, value: V): void {
    let answer: T | PromiseLike<T>;
    try {
      answer = work(value);
    } catch (error) {
      this.reject(error);
      return;
    }
    if (answer instanceof Later) {
      answer.#lead(this as Later<unknown>);
      return;
    }
    const then = typeof answer === 'object' && answer !== null && (answer as PromiseLike<T>).then;
    if (typeof then !== 'function') {
      this.resolve(answer as T);
      return;
    }
    (answer as PromiseLike<T>).then(
      (settled) => this.resolve(settled),
      (error: unknown) => this.reject(error),
    );
  }
}
