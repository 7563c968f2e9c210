import { pipeline, Readable, Transform } from 'node:stream';
import { codeOf } from '../support/file-errors.js';

/** A body that is a stream, on its way out. */
export interface Outgoing {
  readonly stream: Readable;
  /** Resolves with the first chunk, or the end; rejects with what failed before. */
  readonly begun: Promise<void>;
}

/**
 * Puts a stream of the application behind one of ours: nothing that it does, errors and chunks that no body can have
 * among it, reaches the process, and it ends when ours is destroyed. `failed` is told of what goes wrong once it has begun.
 */
export function outgoing(body: Readable | ReadableStream, failed: (error: unknown) => void): Outgoing {
  let first: (() => void) | undefined;
  const stream = new Transform({
    writableObjectMode: true,
    transform(chunk: unknown, _encoding, done) {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
        first?.();
        done(null, chunk);
      } else done(new TypeError(`a body is made of text and bytes; its stream gave ${typeof chunk}`));
    },
    flush(done) {
      first?.();
      done();
    },
  });
  const begun = new Promise<void>((resolve, reject) => {
    first = () => {
      first = undefined;
      resolve();
    };
    const source = body instanceof Readable ? body : Readable.fromWeb(body as never, { objectMode: true });
    pipeline(source, stream, (error) => {
      if (!error) return;
      if (first !== undefined) reject(error);
      // The client left.
      else if (codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') failed(error);
    });
  });
  return { stream, begun };
}

/** A stream that fails before it is read must not end the process; who reads it is told. */
export function keepQuiet(body: unknown): void {
  if (body instanceof Readable && body.listenerCount('error') === 0) body.on('error', () => {});
}
