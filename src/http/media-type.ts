const TEXTS: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  text: 'text/plain',
  txt: 'text/plain',
  log: 'text/plain',
  css: 'text/css',
  csv: 'text/csv',
  ics: 'text/calendar',
  md: 'text/markdown',
  js: 'text/javascript',
  mjs: 'text/javascript',
  json: 'application/json',
  jsonld: 'application/ld+json',
  ndjson: 'application/x-ndjson',
  webmanifest: 'application/manifest+json',
  xml: 'application/xml',
  atom: 'application/atom+xml',
  rss: 'application/rss+xml',
  svg: 'image/svg+xml',
};
const BINARIES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  gif: 'image/gif',
  ico: 'image/vnd.microsoft.icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
  woff: 'font/woff',
  woff2: 'font/woff2',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gz: 'application/gzip',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odt: 'application/vnd.oasis.opendocument.text',
  pdf: 'application/pdf',
  tar: 'application/x-tar',
  wasm: 'application/wasm',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  zip: 'application/zip',
};
const KNOWN: ReadonlyMap<string, string> = new Map([
  ...Object.entries(TEXTS).map(([name, type]): [string, string] => [name, `${type}; charset=utf-8`]),
  ...Object.entries(BINARIES),
]);

/** Bytes of whatever kind. */
export const BYTES = 'application/octet-stream';

/** A media type by a short name (`html`, `json`, `pdf`), or as it is; texts are UTF-8 unless it says otherwise. */
export function mediaType(text: string): string {
  if (!text.includes('/')) return KNOWN.get(text.toLowerCase().replace(/^\./, '')) ?? BYTES;
  return /^text\/[^;]+$/i.test(text) ? `${text}; charset=utf-8` : text;
}

/** The media type of a file by the ending of its name; undefined where it has none that is known. */
export function mediaTypeOf(file: string): string | undefined {
  return KNOWN.get(/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? '');
}
