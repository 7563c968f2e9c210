import type { HandlerOptions } from '../../contracts/handler.js';
import { bootPeerSql, shutDownPeerSql } from './sql/boot.js';
import { PeerSqlHandler } from './sql/handler.js';

/** Sessions that a PHP application keeps in the database that the configured group names. */
export class PeerDatabaseHandler extends PeerSqlHandler {
  static boot(options: HandlerOptions): Promise<void> {
    return bootPeerSql(options);
  }

  static shutdown(options: HandlerOptions): void {
    shutDownPeerSql(options);
  }
}
