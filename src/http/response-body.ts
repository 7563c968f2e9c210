import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { codeOf } from '../support/file-errors.js';
import { HttpError } from './http-error.js';

/** What the file system says of a path where nothing is, or nothing can be. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];

/** What a response can carry. A stream is read once its headers have left: the session is closed by then. */
export type Body = string | Uint8Array | Readable | ReadableStream | undefined;

/** A file that a response sends; opened when the response is prepared. */
export class FileBody {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Size in bytes. Throws 404 where there is no such file, else what the file system says. */
  async open(): Promise<{ readonly stream: Readable; readonly size: number }> {
    const file = await open(this.path).catch((error: unknown) => {
      throw NOWHERE.includes(codeOf(error) ?? '') ? new HttpError(404) : error;
    });
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new HttpError(404);
      return { stream: file.createReadStream(), size: found.size };
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

export function isStream(body: unknown): body is Readable | ReadableStream {
  return body instanceof Readable || body instanceof ReadableStream;
}

/** Whether a body can still be sent. */
export function isFresh(body: unknown): boolean {
  if (body instanceof Readable) return !body.destroyed && !body.readableEnded;
  return !(body instanceof ReadableStream && body.locked);
}

/** Frees what a body that is never sent holds open. */
export function discard(body: unknown): void {
  if (body instanceof Readable) body.destroy();
  else if (body instanceof ReadableStream && !body.locked) void body.cancel().catch(() => {});
}
