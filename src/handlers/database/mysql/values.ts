import { isDuplicate, type SqlError } from '../failure.js';
import type { MysqlResult } from './link.js';

/** Ids and tokens hold letters, digits and few signs, none of which ends a string; anything else is refused. */
export function quoted(text: string): string {
  if (!/^[\w:.,-]+$/.test(text)) throw new Error('an id holds a character that it cannot have');
  return `'${text}'`;
}

export function countOf(result: MysqlResult): number {
  return 'affectedRows' in result ? result.affectedRows : 0;
}

export function changedOne(result: MysqlResult): boolean {
  return countOf(result) === 1;
}

export function unlessTaken(error: unknown): false {
  if (isDuplicate((error as SqlError).code)) return false;
  throw error;
}
