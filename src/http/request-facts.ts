import { BlockList, isIP } from 'node:net';

/** What an adapter knows of who asks. */
export interface Forwarding {
  /** The address of the peer at the other end of the connection; undefined on a Unix socket. */
  readonly peer: string | undefined;
  readonly encrypted: boolean;
  readonly forwardedFor: string | undefined;
  readonly forwardedProto: string | undefined;
}

/** `app.trust_proxy`: nobody, so many hops, or these addresses and networks. */
export type TrustProxy = false | number | readonly string[];

const MAPPED = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i;
/** An address with a port, as some proxies forward it. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[([^\]]+)\](?::\d+)?)$/;

/**
 * The address alone, without port or zone; undefined when it is none. IPv4 addresses that came through an IPv6 socket
 * are IPv4 addresses.
 */
export function normalizeAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  let plain = address.trim();
  if (plain === '') return undefined;
  if (plain.includes(':') || plain.startsWith('[')) {
    const withPort = WITH_PORT.exec(plain);
    if (withPort !== null) plain = withPort[1] ?? withPort[2] ?? '';
    const mapped = MAPPED.exec(plain);
    if (mapped !== null) plain = mapped[1] ?? dotted(mapped[2] ?? '', mapped[3] ?? '');
  }
  const family = isIP(plain);
  if (family === 0) return undefined;
  return family === 4 ? plain : withoutZone(plain).toLowerCase();
}

/** Four bytes that an IPv6 address writes as two groups. */
function dotted(high: string, low: string): string {
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}

/** The zone of a link-local address names an interface of this machine, not the visitor. */
function withoutZone(address: string): string {
  const at = address.indexOf('%');
  return at === -1 ? address : address.slice(0, at);
}

/** Decides which proxies are believed. Made once, at boot. */
export class ProxyTrust {
  readonly #hops: number;
  readonly #list: BlockList | undefined;

  constructor(trust: TrustProxy) {
    this.#hops = typeof trust === 'number' ? trust : 0;
    if (trust === false || typeof trust === 'number') return;
    this.#list = new BlockList();
    for (const entry of trust) {
      const [address = '', prefix] = entry.split('/');
      const plain = withoutZone(address);
      const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#list.addAddress(plain, family);
      else this.#list.addSubnet(plain, Number(prefix), family);
    }
  }

  /** The visitor's address: the nearest one that is not a believed proxy. */
  addressOf({ peer, forwardedFor }: Forwarding): string | undefined {
    let address = normalizeAddress(peer);
    if (forwardedFor === undefined || !this.#believes(address, 0)) return address;
    const chain = forwardedFor.split(',').reverse();
    for (let hop = 0; hop < chain.length && this.#believes(address, hop); hop++) {
      const next = normalizeAddress(chain[hop]);
      if (next === undefined) break;
      address = next;
    }
    return address;
  }

  /** Whether the peer is a proxy that is believed. */
  believes({ peer }: Pick<Forwarding, 'peer'>): boolean {
    return this.#believes(normalizeAddress(peer), 0);
  }

  /** Whether the visitor came over HTTPS. */
  isSecure({ peer, encrypted, forwardedProto }: Forwarding): boolean {
    if (encrypted) return true;
    if (forwardedProto === undefined || !this.#believes(normalizeAddress(peer), 0)) return false;
    return forwardedProto.split(',')[0]?.trim().toLowerCase() === 'https';
  }

  /** A peer without an address, at a Unix socket, counts as a hop but is on no list. */
  #believes(address: string | undefined, hop: number): boolean {
    if (this.#list === undefined) return hop < this.#hops;
    return address !== undefined && this.#list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}
