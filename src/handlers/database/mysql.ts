import type { HandlerOptions } from '../../contracts/handler.js';
import { bootSql, SqlHandler, shutDownSql } from './handler.js';

/** Sessions in MySQL 8 or MariaDB 10.11 and later, through mysql2. */
export class MysqlHandler extends SqlHandler {
  static boot(options: HandlerOptions): Promise<void> {
    return bootSql(options, 'mysql');
  }

  static shutdown(options: HandlerOptions): void {
    shutDownSql(options);
  }
}
