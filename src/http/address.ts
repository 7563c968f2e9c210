/**
 * An address as a `Location` header carries it: letters beyond ASCII, blanks and control characters are encoded, what is
 * encoded already stays.
 */
export function headerSafe(address: string): string {
  return address.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(wellFormed(text)));
}

/** Without halves of UTF-16 characters, which nothing can encode. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * Where `to()` leads: a path, begun with a slash where it has none, or a whole http(s) address. Undefined for another
 * scheme, `javascript:` among them.
 */
export function destination(address: string): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(address)) return /^https?:\/\//i.test(address) ? address : undefined;
  return asPath(/^[/\\?#]/.test(address) ? address : `/${address}`);
}

/** Without the slashes that would make a browser take what follows for a host: `//evil.example`, `/\evil.example`. */
export function asPath(address: string): string {
  return address.replace(/^[\\/][\\/\s]+/, '/');
}

/**
 * The path and query of `address` where it belongs to one of these hosts, or names none; else undefined. Never leads to
 * another site, whatever the address says.
 */
export function pathWithin(address: string, hosts: readonly string[]): string | undefined {
  if (/^[\\/](?![\\/])/.test(address) && !/[\t\r\n]/.test(address)) return asPath(address);
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname, search, hash } = new URL(address);
  if (!/^https?:$/.test(protocol) || host === '' || !hosts.includes(host)) return undefined;
  return asPath(pathname) + search + hash;
}

/** The path of a request's first line: without the query, and without scheme and host where a proxy was meant. */
export function pathOf(target: string): string {
  const [whole = ''] = target.split(/[?#]/, 1);
  const path = whole.startsWith('/') ? whole : whole.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '');
  return path.startsWith('/') ? path : `/${path}`;
}
