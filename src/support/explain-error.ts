import { isBlitzError } from '../errors.js';

/** What an operator reads: our own errors are a sentence that says the way out; of others the stack says where they come from. */
export function explainError(error: unknown): string {
  if (!isBlitzError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}\n(${cause.name}: ${cause.message})` : error.message;
}
