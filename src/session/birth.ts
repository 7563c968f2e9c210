import type { SessionConfig } from '../contracts/config.js';
import type { Values } from '../contracts/session.js';
import { randomText } from '../support/random.js';
import { CREATED, LAST_REGENERATE, TOKEN } from './vars.js';

const TOKEN_LENGTH = 40;

/** What BlitzPHP puts into a new session, `token` among it; nothing where a visitor's first write decides. */
export function newValues(config: SessionConfig, ajax: boolean, seconds: number, token = true): Values {
  const values: Values = {};
  if (!config.save_uninitialized) return values;
  stampAges(values, config, ajax, seconds);
  if (token) values[TOKEN] = newToken();
  return values;
}

export function newToken(): string {
  return randomText(TOKEN_LENGTH);
}

/**
 * Notes when the session was born and when its id was last renewed, for those options that ask; a session born in an
 * AJAX request counts its renewals from the first other one. True when something was noted.
 */
export function stampAges(values: Values, config: SessionConfig, ajax: boolean, seconds: number): boolean {
  let noted = false;
  if (config.time_to_update > 0 && !ajax && !(LAST_REGENERATE in values)) {
    values[LAST_REGENERATE] = seconds;
    noted = true;
  }
  if (config.absolute_expiration > 0 && !(CREATED in values)) {
    values[CREATED] = seconds;
    noted = true;
  }
  return noted;
}

/** Whether the id has served for `time_to_update` seconds. */
export function renewalIsDue(values: Values, config: SessionConfig, seconds: number): boolean {
  const last = values[LAST_REGENERATE];
  return config.time_to_update > 0 && typeof last === 'number' && seconds - last >= config.time_to_update;
}
