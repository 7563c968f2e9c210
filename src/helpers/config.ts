import type { ConfigService } from '../config/config-service.js';
import { currentServices } from '../container/current.js';

/** An option by its path, `config('session.expiration')`, or the whole configuration. (BlitzPHP: config().) */
export function config(): ConfigService;
export function config<T = unknown>(path: string, fallback?: T): T;
export function config(path?: string, fallback?: unknown): unknown {
  const service = currentServices().get<ConfigService>('config');
  return path === undefined ? service : service.get(path, fallback);
}
