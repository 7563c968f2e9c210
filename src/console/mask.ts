import { language } from '../support/language.js';

/** What stands in the place of a secret, in every language. */
export const MASK = '•••';

const ADDRESS = /^([a-z][\w+.-]*:\/\/|\/)(?:([^/?#@]*)@)?([^/?#@]*)(\/[^?#@]*)?([?#].*)?$/i;
/** Words beside which a password may stand: `auth=…`, `host=db password=…`. */
const CREDENTIALS = /@|(?:auth|pass\w*|pwd|key|token|secret)\s*[=:]/i;

/** Where sessions are kept, without what may open it; of a client that was given in its place nothing but that it is one. */
export function maskPlace(place: string | object): string {
  if (typeof place === 'string') return maskAddress(place);
  return { fr: 'un client', en: 'a client' }[language()];
}

/**
 * The address of a store without what may open it: `redis://•••@host:6379/0?•••`. What cannot be taken apart with
 * certainty is masked whole.
 */
export function maskAddress(text: string): string {
  const [whole, start = '', user, host = '', path = '', rest] = ADDRESS.exec(text) ?? [];
  const open = user !== undefined || !text.includes('@');
  if (whole !== undefined && open && !CREDENTIALS.test(host + path)) {
    return `${start}${user === undefined ? '' : `${MASK}@`}${host}${path}${rest === undefined ? '' : `?${MASK}`}`;
  }
  return CREDENTIALS.test(text) ? MASK : text;
}
