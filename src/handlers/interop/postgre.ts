import type { HandlerOptions } from '../../contracts/handler.js';
import { bootPeerSql, shutDownPeerSql } from './sql/boot.js';
import { PeerSqlHandler } from './sql/handler.js';

/** Sessions that a PHP application keeps in PostgreSQL. */
export class PeerPostgreHandler extends PeerSqlHandler {
  static boot(options: HandlerOptions): Promise<void> {
    return bootPeerSql(options, 'postgre');
  }

  static shutdown(options: HandlerOptions): void {
    shutDownPeerSql(options);
  }
}
