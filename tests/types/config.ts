import {
  Application,
  ArrayHandler,
  BaseHandler,
  defineApp,
  defineCookie,
  defineDatabase,
  defineSession,
  Session,
  type SessionHandlerInterface,
} from 'blitz-session';
import { createPool } from 'mysql2';
import { createPool as createPromisePool } from 'mysql2/promise';
import pg from 'pg';

declare module 'blitz-session' {
  interface SessionHandlers {
    type_test_mongo: true;
  }
}

class MongoSessionHandler extends BaseHandler {
  read(_id: string): string {
    return '';
  }
  write(_id: string, _data: string): void {}
  destroy(_id: string): void {}
}

/** As from PHP, without the base class. */
class PlainHandler implements SessionHandlerInterface {
  open(): void {}
  close(): void {}
  async read(): Promise<string> {
    return '';
  }
  async write(): Promise<boolean> {
    return true;
  }
  destroy(): void {}
  gc(): number {
    return 0;
  }
}

/** Never called: the compiler reads it. */
export function pools(): void {
  const address = { host: '127.0.0.1', database: 'shop' };
  defineDatabase({
    settings: { driver: 'postgre', pool: { max: 4, prepare: false } },
    pg: { driver: 'postgre', pool: new pg.Pool(address) },
    mysql2: { driver: 'mysql', pool: createPool(address) },
    promises: { driver: 'mysql', pool: createPromisePool(address) },
  });
  defineDatabase(async ({ env }) => ({ default: { driver: 'mysql', password: env['DB_PASSWORD'] ?? '' } }));

  // @ts-expect-error misspelt
  defineDatabase({ default: { pool: { maximum: 4 } } });
  // @ts-expect-error a number
  defineDatabase({ default: { pool: { max: '4' } } });
  // @ts-expect-error a pool can be ended
  defineDatabase({ default: { pool: new Map() } });
}

export function handlers(): void {
  Session.extend('type_test_mongo', MongoSessionHandler);
  Session.extend({ type_test_mongo: PlainHandler, array: ArrayHandler });
  defineSession({ handler: 'file' });
  defineSession({ handler: 'type_test_mongo' });
  defineSession({ handler: MongoSessionHandler });
  defineSession({ handler: PlainHandler });

  // @ts-expect-error no such handler
  defineSession({ handler: 'type_test_mango' });
  // @ts-expect-error a handler needs read, write, destroy
  defineSession({ handler: class extends BaseHandler {} });
  // @ts-expect-error not a handler
  defineSession({ handler: class {} });
  // @ts-expect-error not a handler
  Session.extend('type_test_mongo', class {});
  // @ts-expect-error the class itself, not one of it
  Session.extend('type_test_mongo', new PlainHandler());
}

export async function options(): Promise<void> {
  defineSession({
    handler: 'redis',
    cookie_name: 'shop',
    expiration: 0,
    savePath: 'tcp://localhost',
    matchIP: true,
    time_to_update: 300,
    regenerate_destroy: false,
    serialize_handler: 'php',
    interop: { peer: 'codeigniter4', version: '4.5' },
    save_uninitialized: false,
  });
  defineSession({ save_path: null, match_ip: true, interop: 'php' });
  defineSession(({ root, env }) => ({ savePath: `${root}/sessions`, cookie_name: env['NAME'] ?? 'shop' }));
  defineCookie({ samesite: 'none', secure: 'auto', partitioned: true });
  defineApp({ trust_proxy: 1, key: 'x' });
  defineDatabase({ connection: 'auto', default: { driver: 'pdomysql', port: 3306 } });
  await Application.boot({ root: '/app', config: { session: { expiration: 60 }, cookie: { path: '/' } } });

  // @ts-expect-error misspelt
  defineSession({ expirations: 60 });
  // @ts-expect-error misspelt
  defineSession({ cookieName: 'shop' });
  // @ts-expect-error a number
  defineSession({ expiration: '60' });
  // @ts-expect-error true or false
  defineSession({ matchIP: 1 });
  // @ts-expect-error no such format
  defineSession({ serialize_handler: 'yaml' });
  // @ts-expect-error no such peer
  defineSession({ interop: { peer: 'laravel' } });
  // @ts-expect-error no such lock
  defineSession({ file_lock: 'none' });
  // @ts-expect-error misspelt, in a function
  defineSession(() => ({ expiration: '60' }));
  // @ts-expect-error misspelt
  defineCookie({ sameSite: 'Lax' });
  // @ts-expect-error no such value
  defineCookie({ samesite: 'Loose' });
  // @ts-expect-error misspelt
  defineApp({ baseUrl: '' });
  // @ts-expect-error no such driver
  defineDatabase({ default: { driver: 'oracle' } });
  // @ts-expect-error misspelt
  await Application.boot({ config: { session: { expirations: 60 } } });
  // @ts-expect-error misspelt
  await Application.boot({ config: { sessions: {} } });
  // @ts-expect-error misspelt
  await Application.boot({ folder: '/app' });
}
