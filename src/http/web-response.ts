import { refusedResponse } from './response-refusal.js';

/** A response of the Web, such as `fetch` gives, in parts that ours has too. */
export interface WebParts {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: ReadableStream | undefined;
}

/** Headers of the connection that it came over (RFC 9110, section 7.6.1). */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
/** What is not true any more of a body that `fetch` has decoded. */
const OF_THE_ENCODING = new Set(['content-encoding', 'content-length']);

/** The parts of `value` if it is a response of the Web, of whatever library; else undefined. Throws `E_RESPONSE`. */
export function webParts(value: unknown): WebParts | undefined {
  if (!isWebResponse(value)) return undefined;
  if (value.bodyUsed) throw refusedResponse('used');
  const decoded = value.headers.has('content-encoding');
  const headers = [...value.headers].filter(
    ([name]) => !OF_THE_CONNECTION.has(name) && !(decoded && OF_THE_ENCODING.has(name)),
  );
  return {
    status: value.status,
    headers: headers.map(([name, text]) => [name, ascii(text)]),
    body: (value.body as ReadableStream | null) ?? undefined,
  };
}

function isWebResponse(value: unknown): value is globalThis.Response {
  return (
    Object.prototype.toString.call(value) === '[object Response]' &&
    (value as { headers?: unknown }).headers !== undefined
  );
}

/** Letters beyond ASCII are encoded: ours are no better in another one's header. */
function ascii(text: string): string {
  return text.replace(/[^\t\x20-\x7e]+/g, encodeURIComponent);
}
