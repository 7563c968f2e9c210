import type { HandlerOptions } from '../../contracts/handler.js';
import type { RedisStores } from '../redis/sessions.js';
import { RedisHandler } from '../redis.js';
import { PeerRedisSessions } from './redis-sessions.js';

/**
 * Sessions in a Redis that a PHP application uses at the same time: its keys, its lock, its payloads.
 * (BlitzPHP, CodeIgniter: Handlers\RedisHandler; PHP: phpredis, redis_session.c.)
 */
export class PeerRedisHandler extends RedisHandler {
  static override boot(options: HandlerOptions): Promise<void> {
    return RedisHandler.bootWith(PeerRedisSessions, options, '0'.repeat(32));
  }

  protected override get stores(): RedisStores {
    return PeerRedisSessions;
  }
}
