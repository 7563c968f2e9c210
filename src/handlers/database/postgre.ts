import type { HandlerOptions } from '../../contracts/handler.js';
import { bootSql, SqlHandler, shutDownSql } from './handler.js';

/** Sessions in PostgreSQL 15 and later, through pg. */
export class PostgreHandler extends SqlHandler {
  static boot(options: HandlerOptions): Promise<void> {
    return bootSql(options, 'postgre');
  }

  static shutdown(options: HandlerOptions): void {
    shutDownSql(options);
  }
}
