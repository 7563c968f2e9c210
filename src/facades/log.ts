import type { Logger } from '../contracts/log.js';
import { Facade, facade } from './facade.js';

class LogFacade extends Facade {
  static override accessor(): string {
    return 'log';
  }
}

/** The log: `Log.warn('…')`. (BlitzPHP: Facades\Log.) */
export const Log: typeof LogFacade & Omit<Logger, keyof typeof LogFacade> = facade<Logger>()(LogFacade);
