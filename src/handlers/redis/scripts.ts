import { createHash } from 'node:crypto';

/** A script and the sum under which the server knows it. */
export interface Script {
  readonly lua: string;
  readonly sum: string;
  readonly keys: number;
}

export function script(lua: string, keys = 2): Script {
  return { lua, sum: createHash('sha1').update(lua).digest('hex'), keys };
}

/** The owner of the lock, whose mark may stand behind the token; `''` when it is free. */
const OWNER = "redis.call('GETRANGE', KEYS[2], 0, #ARGV[1] - 1)";
/** After a record was saved and the lock kept: 2 where nobody has marked the lock since it was obtained. */
const KEPT = "return redis.call('STRLEN', KEYS[2]) == #ARGV[1] and 2 or 1";

/**
 * What Redis does in one round trip each. KEYS: the record, its lock. The first argument is always the owner's token.
 * Whoever is refused the lock leaves a `!` behind the owner's token, so that the owner knows that it is waited for.
 * A script is sent as EVALSHA; where the server does not know it (restart, SCRIPT FLUSH, failover) as EVAL.
 *
 * A cluster client repeats a command whose answer was lost with a connection, so each script may run twice: the
 * second run must find what the first one did.
 */

/** token, lease in ms → the record; nil: no such record, nothing is locked; 0: somebody else has the lock. */
export const ACQUIRE: Script = script(`
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) and ${OWNER} ~= ARGV[1] then
  if redis.call('STRLEN', KEYS[2]) == #ARGV[1] then redis.call('SETRANGE', KEYS[2], #ARGV[1], '!') end
  return 0
end
local record = redis.call('GET', KEYS[1])
if not record then redis.call('DEL', KEYS[2]) end
return record`);

/** token, record, its life in ms, lease in ms or '' to unlock → 1 or 2 (KEPT): written; 0: the lock or the record is gone. */
export const SAVE: Script = script(`
if ${OWNER} ~= ARGV[1] then
  return redis.call('GETRANGE', KEYS[1], 0, 23) == string.sub(ARGV[2], 1, 24) and 1 or 0
end
local saved = redis.call('SET', KEYS[1], ARGV[2], 'XX', 'PX', ARGV[3])
if saved and ARGV[4] ~= '' then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  ${KEPT}
end
redis.call('DEL', KEYS[2])
return saved and 1 or 0`);

/** token, header, life of the record in ms, lease in ms or '' to unlock → 1 or 2 (KEPT): renewed; 0: the lock or the record is gone. */
export const TOUCH: Script = script(`
if ${OWNER} ~= ARGV[1] then
  return redis.call('GETRANGE', KEYS[1], 0, 23) == ARGV[2] and 1 or 0
end
local there = redis.call('PEXPIRE', KEYS[1], ARGV[3])
if there == 1 then redis.call('SETRANGE', KEYS[1], 0, ARGV[2]) end
if there == 1 and ARGV[4] ~= '' then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  ${KEPT}
end
redis.call('DEL', KEYS[2])
return there`);

/** token, lease in ms → 1: the lease is renewed; 0: it was lost. */
export const RENEW: Script = script(`
if ${OWNER} ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])`);

/** token → 1: unlocked; 0: it was not ours any more. */
export const RELEASE: Script = script(`
if ${OWNER} ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2])`);

/** token → 1: the record is gone and unlocked; 0: the lock was lost and a record is there. */
export const DESTROY: Script = script(`
if ${OWNER} ~= ARGV[1] then return 1 - redis.call('EXISTS', KEYS[1]) end
redis.call('DEL', KEYS[1], KEYS[2])
return 1`);

/** token, seconds to keep; KEYS[3]: where to → 1: put aside and unlocked; 0: the lock was lost. */
export const QUARANTINE: Script = script(
  `
if ${OWNER} ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('RENAME', KEYS[1], KEYS[3])
  redis.call('EXPIRE', KEYS[3], ARGV[2])
end
redis.call('DEL', KEYS[2])
return 1`,
  3,
);
