import type { ConfigService } from '../config/config-service.js';
import type { ServiceContainer } from '../container/container.js';
import type { ResolvedConfig } from '../contracts/config.js';
import { SessionQueue } from '../session/queue.js';
import { systemClock } from '../support/clock.js';
import { processWide } from '../support/process-wide.js';
import { PHP_DEFAULTS, type Setting, type SettingSource, Settings } from './ini.js';
import type { SaveHandlerSource } from './save-handler.js';

/** What was set outside requests: the defaults of every request of the process. */
export interface ProcessDefaults {
  settings: Settings;
  saveHandler: SaveHandlerSource | undefined;
}

export const processDefaults: ProcessDefaults = processWide('php', () => ({
  settings: new Settings(PHP_DEFAULTS),
  saveHandler: undefined,
}));

const queues = processWide('php-queues', () => new WeakMap<ServiceContainer, SessionQueue>());

/** The requests of an application that wait for a session over a save handler. */
export function queueOf(services: ServiceContainer): SessionQueue {
  let queue = queues.get(services);
  if (queue === undefined) {
    const { lock_max_waiters: limit, lock_wait: wait } = configOf(services).session;
    queue = new SessionQueue(systemClock, limit, wait);
    queues.set(services, queue);
  }
  return queue;
}

export function configOf(services: ServiceContainer): ResolvedConfig {
  return services.get<ConfigService>('config').all();
}

/**
 * What the settings say where the session is the application's: its configuration, as BlitzPHP hands it to `ini_set`.
 * What was set by hand comes first, and PHP's defaults last.
 */
export function applicationSettings(config: ResolvedConfig, overHttps: boolean): SettingSource {
  const { session, cookie } = config;
  const secure = cookie.secure === 'auto' ? overHttps : cookie.secure;
  const known: Partial<Record<Setting, string>> = {
    name: session.cookie_name,
    save_path: typeof session.savePath === 'string' ? session.savePath : '',
    gc_probability: String(session.gc_probability),
    gc_divisor: String(session.gc_divisor),
    gc_maxlifetime: String(session.expiration > 0 ? session.expiration : session.gc_maxlifetime),
    serialize_handler: session.serialize_handler,
    cookie_lifetime: String(session.expiration),
    cookie_path: cookie.path,
    cookie_domain: cookie.domain,
    cookie_secure: secure ? '1' : '0',
    cookie_httponly: '1',
    cookie_samesite: cookie.samesite,
    use_strict_mode: '1',
  };
  return { get: (name) => processDefaults.settings.own(name) ?? known[name] ?? PHP_DEFAULTS.get(name) };
}
