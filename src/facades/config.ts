import type { ConfigService } from '../config/config-service.js';
import { Facade, facade } from './facade.js';

class ConfigFacade extends Facade {
  static override accessor(): string {
    return 'config';
  }
}

/** The configuration: `Config.get('session.expiration')`. (BlitzPHP: Facades\Config.) */
export const Config: typeof ConfigFacade & Omit<ConfigService, keyof typeof ConfigFacade> =
  facade<ConfigService>()(ConfigFacade);
