import type { HandlerOptions } from '../../contracts/handler.js';
import type { Awaitable } from '../../contracts/session.js';
import { shared } from '../connections.js';
import { RedisConnection } from './connection.js';

const objects = new WeakMap<object, number>();
let counted = 0;

/** The connection that all sessions of this process have to one address. Throws as `RedisConnection.open`. */
export function sharedConnection(options: HandlerOptions): Awaitable<RedisConnection> {
  const { savePath, client, operationTimeout } = options;
  const name = `redis ${operationTimeout} ${client === undefined ? savePath : numberOf(client)}`;
  const open = () => RedisConnection.open(client ?? savePath, operationTimeout * 1000);
  return shared(name, open, (opened) => opened.close());
}

/** A client, or options, as part of a name. */
function numberOf(client: object): string {
  let number = objects.get(client);
  if (number === undefined) {
    number = ++counted;
    objects.set(client, number);
  }
  return `#${number}`;
}
