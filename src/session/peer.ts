import type { SessionConfig } from '../contracts/config.js';
import { isSessionId } from './id.js';
import { LAST_REGENERATE, VARS } from './vars.js';

/** What PHP lets into an id at most; never a character that means something in a key or a path. */
const PLAIN_ID = /^[A-Za-z0-9,-]{22,256}$/;
/** BlitzPHP before 1.5: the length follows php.ini; Debian's and PHP's own settings are these. */
const EARLIER_ID = /^(?:[0-9a-v]{32}|[0-9a-f]{40})$/;

/**
 * The rules of the PHP application that shares our sessions, where they are not ours. (BlitzPHP: Session, Store;
 * CodeIgniter: Session; PHP: ext/session.)
 */
export interface PeerRules {
  /** Whether its side could have made this id. Ids that are made here are 32 hexadecimal digits, which all accept. */
  accepts(id: unknown): id is string;
  /** Whether a new session gets a CSRF token under the name that its side uses as well. */
  readonly tokenAtBirth: boolean;
  /** Whether a response renews the cookie, though the id is not new. */
  refreshesCookie(ajax: boolean): boolean;
}

/** Undefined without a peer. */
export function peerRules({ interop }: Pick<SessionConfig, 'interop'>): PeerRules | undefined {
  if (interop === false) return undefined;
  const { peer, version } = interop;
  const refreshesCookie = (ajax: boolean) => peer !== 'php' && !ajax;
  const earlier = peer === 'blitzphp' && /^(?:0|1\.[0-4])(?:\.|$)/.test(version);
  const rule = peer === 'php' ? PLAIN_ID : earlier ? EARLIER_ID : undefined;
  const matches = (id: unknown): id is string => typeof id === 'string' && rule?.test(id) === true;
  return {
    accepts: rule === undefined ? isSessionId : matches,
    tokenAtBirth: peer === 'blitzphp',
    refreshesCookie,
  };
}

const CODEIGNITER: ReadonlyMap<string, string> = new Map([
  [VARS, '__ci_vars'],
  [LAST_REGENERATE, '__ci_last_regenerate'],
]);

/** What the peer calls the values of ours that both sides keep; undefined: the same. */
export function peerKeys({
  interop,
}: Pick<SessionConfig, 'interop'>): ReadonlyMap<string, string> | undefined {
  return interop !== false && interop.peer === 'codeigniter4' ? CODEIGNITER : undefined;
}
