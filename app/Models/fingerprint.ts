import { createHmac, randomBytes } from 'node:crypto';
import { session } from 'blitz-session';

const KEY = randomBytes(32);

/** Six digits that tell one id from another and lead back to none: the key never leaves this process. */
export function fingerprint(): string {
  const digest = createHmac('sha256', KEY).update(session().id).digest('hex');
  return `${digest.slice(0, 3)}·${digest.slice(3, 6)}`;
}
