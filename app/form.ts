import type { IncomingMessage } from 'node:http';

/** Largest form that is read, in bytes. */
export const FORM_LIMIT = 16 * 1024;

/** `large`: over the limit. `type`: not a form. `left`: the client went away before the end. */
export type FormFault = 'large' | 'type' | 'left';

const forms = new WeakMap<IncomingMessage, URLSearchParams>();

/** The fields that came with a request; none before `readForm`. */
export function formOf(request: IncomingMessage): URLSearchParams {
  return forms.get(request) ?? new URLSearchParams();
}

/** Reads the form that a request carries, for `formOf`. What is refused is drained, so that the answer is heard. */
export async function readForm(request: IncomingMessage): Promise<FormFault | undefined> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const refused = type !== 'application/x-www-form-urlencoded' ? 'type' : undefined;
  if (refused !== undefined || Number(request.headers['content-length']) > FORM_LIMIT) {
    request.resume();
    return refused ?? 'large';
  }
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= FORM_LIMIT) chunks.push(chunk);
      else resolve('large');
    });
    request.once('end', () => {
      forms.set(request, new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
      resolve(undefined);
    });
    request.once('error', () => resolve('left'));
    request.once('close', () => resolve('left'));
  });
}
