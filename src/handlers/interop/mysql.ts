import type { HandlerOptions } from '../../contracts/handler.js';
import { bootPeerSql, shutDownPeerSql } from './sql/boot.js';
import { PeerSqlHandler } from './sql/handler.js';

/** Sessions that a PHP application keeps in MySQL or MariaDB. */
export class PeerMysqlHandler extends PeerSqlHandler {
  static boot(options: HandlerOptions): Promise<void> {
    return bootPeerSql(options, 'mysql');
  }

  static shutdown(options: HandlerOptions): void {
    shutDownPeerSql(options);
  }
}
