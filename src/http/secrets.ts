import type { Values } from '../contracts/session.js';
import { assign, isContainer } from '../support/paths.js';

/** Words that make a field's name one of a secret: `user_password`, `newPassword`, `api-token`, `card_cvc`. */
const WORD =
  /(?:^|_)(?:passwords?|passwd|pwd|passphrase|passcode|mdp|secrets?|tokens?|csrf|xsrf|otp|cvc|cvv)(?:_|$)/;
const ELSEWHERE = /password|mot_?de_?passe/;
const WHOLE: ReadonlySet<string> = new Set(['_method', 'pass']);
/** Levels of nesting below which nothing is a form's any more. */
const DEEPEST = 32;

/** Whether a field of this name is kept out of what the next form is filled with. */
export function isSecret(name: string): boolean {
  if (WHOLE.has(name.toLowerCase())) return true;
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase();
  return WORD.test(words) || ELSEWHERE.test(words);
}

/** A copy without secrets, also inside lists and objects; what lies deeper than a form's is left out too. */
export function withoutSecrets(values: Values): Values {
  return copy(values, 0) as Values;
}

function copy(value: unknown, depth: number): unknown {
  if (!isContainer(value)) return value;
  if (depth === DEEPEST) return undefined;
  if (Array.isArray(value)) return value.map((each) => copy(each, depth + 1));
  const kept: Values = {};
  for (const [name, each] of Object.entries(value)) {
    if (!isSecret(name)) assign(kept, name, copy(each, depth + 1));
  }
  return kept;
}
