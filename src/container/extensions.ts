import type { HandlerClass } from '../contracts/handler.js';
import { processWide } from '../support/process-wide.js';

/** Handlers registered before an application was there to take them; every application of the process gets them. */
export const extensions: Map<string, HandlerClass> = processWide('extensions', () => new Map());
