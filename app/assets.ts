import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A file that is sent as it is. */
interface Asset {
  readonly type: string;
  readonly content: Buffer;
  readonly etag: string;
}

const FILES = [
  { path: '/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
  { path: '/favicon.svg', file: 'favicon.svg', type: 'image/svg+xml; charset=utf-8' },
];

/** Files that need no session, by their address, read once. */
export const assets: ReadonlyMap<string, Asset> = new Map(
  await Promise.all(
    FILES.map(async ({ path, file, type }) => {
      const content = await readFile(new URL(`assets/${file}`, import.meta.url));
      const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
      return [path, { type, content, etag }] as const;
    }),
  ),
);

/** Sends a file, or says that the visitor's copy still holds. */
export function sendAsset(asset: Asset, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('ETag', asset.etag);
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304).end();
    return;
  }
  response.setHeader('Content-Type', asset.type);
  response.setHeader('Content-Length', asset.content.length);
  response.end(asset.content);
}
