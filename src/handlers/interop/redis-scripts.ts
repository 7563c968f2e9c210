import { type Script, script } from '../redis/scripts.js';

/**
 * What Redis does in one round trip each where PHP shares the sessions; what is the same without PHP stands in
 * `redis/scripts`. KEYS: the record, its lock. The first argument is always the owner's token. PHP never looks at the
 * owner of a lock, so each write does.
 */

/**
 * token, lease in ms, seconds for which what was opened must still be there → the record; nil: none, and nothing is
 * locked; 0: somebody else has the lock.
 */
export const ACQUIRE_SHARED: Script = script(`
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
local record = redis.call('GET', KEYS[1])
if not record then
  redis.call('DEL', KEYS[2])
  return false
end
local left = redis.call('TTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[3]) then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return record`);

/**
 * token, record, its life in s, lease in ms or '' to unlock, the sum of what was read or '' → 1: written; 0: the lock
 * or the record is gone, or somebody wrote without the lock.
 */
export const SAVE_SHARED: Script = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local same = ARGV[5] == '' or redis.sha1hex(redis.call('GET', KEYS[1]) or '') == ARGV[5]
local saved = same and redis.call('SET', KEYS[1], ARGV[2], 'XX', 'EX', ARGV[3])
if saved and ARGV[4] ~= '' then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
else
  redis.call('DEL', KEYS[2])
end
return saved and 1 or 0`);

/** token, life of the record in s, lease in ms or '' to unlock → 1: renewed; 0: the lock or the record is gone. */
export const TOUCH_SHARED: Script = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local there = redis.call('EXPIRE', KEYS[1], ARGV[2])
if there == 1 and ARGV[3] ~= '' then
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
else
  redis.call('DEL', KEYS[2])
end
return there`);
