import { nodeError } from './response-headers.js';

/** What a handler gives to `write` and `end`. */
export type Callback = (error?: Error | null) => void;
export type Chunk = string | Uint8Array;

export interface Call {
  readonly kind: 'write' | 'end' | 'flush';
  readonly chunk?: Chunk | undefined;
  readonly encoding?: unknown;
  readonly done?: Callback | undefined;
}

export function isChunk(chunk: unknown): chunk is Chunk {
  return typeof chunk === 'string' || chunk instanceof Uint8Array;
}

/** Throws as Node does for an encoding that there is not. */
export function checkEncoding(chunk: Chunk | undefined, encoding: unknown): void {
  if (chunk === undefined || typeof encoding !== 'string' || encoding === 'buffer') return;
  if (encoding === '' || Buffer.isEncoding(encoding)) return;
  throw nodeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
}

/** What the callbacks of a chunk that will never leave are told. */
export function lost(why: string): Error {
  return nodeError(Error, 'ERR_STREAM_DESTROYED', `The response was not sent: ${why}`);
}
