import { closeSync } from 'node:fs';

/** An open file that is never closed while the thread pool is at work on it. */
export class Descriptor {
  readonly fd: number;
  /** A call in the thread pool, which still uses the descriptor. */
  #busy: Promise<unknown> | undefined;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** Closes the file and frees its lock; while the thread pool is at work on it, only once that has ended. */
  close(): void {
    if (this.#busy === undefined) closeSync(this.fd);
    else void this.#busy.then(() => closeSync(this.fd));
  }

  /** A call in the thread pool. */
  protected later<T>(call: Promise<T>): Promise<T> {
    const ended = () => {
      this.#busy = undefined;
    };
    this.#busy = call.then(ended, ended);
    return call;
  }
}
