import type { IncomingMessage } from 'node:http';

/** Bytes and milliseconds of a refused body that are still read. */
const MOST = 32 * 1024 * 1024;
const LONGEST = 5000;

/**
 * Reads the rest of a body that was refused and forgets it, within limits: a client that is still writing when the
 * connection closes never sees why.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let size = 0;
    const count = (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST) end();
    };
    const end = () => {
      clearTimeout(limit);
      request.off('data', count).off('end', end).off('close', end).off('error', end);
      resolve();
    };
    const limit = setTimeout(end, LONGEST);
    request.on('data', count).once('end', end).once('close', end).once('error', end);
    request.resume();
  });
}
