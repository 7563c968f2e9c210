import type { HandlerClass, HandlerOptions } from '../contracts/handler.js';

/** What every record of one application has in common. */
export interface RecordStore {
  readonly handler: HandlerClass;
  /** For messages. */
  readonly handlerName: string;
  readonly options: HandlerOptions;
  /** The id rule. */
  readonly accepts: (id: unknown) => id is string;
  /** Records hold payloads and nothing else: their ages cannot be stamped in front of them. */
  readonly bare: boolean;
}
