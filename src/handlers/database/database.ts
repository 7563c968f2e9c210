import type { HandlerOptions } from '../../contracts/handler.js';
import { bootSql, SqlHandler, shutDownSql } from './handler.js';

/** Sessions in the database that the configured group names, MySQL, MariaDB or PostgreSQL. */
export class DatabaseHandler extends SqlHandler {
  static boot(options: HandlerOptions): Promise<void> {
    return bootSql(options);
  }

  static shutdown(options: HandlerOptions): void {
    shutDownSql(options);
  }
}
