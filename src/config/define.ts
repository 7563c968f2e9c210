import type {
  AppOptions,
  CookieOptions,
  DatabaseOptions,
  ServicesOptions,
  SessionOptions,
} from '../contracts/config.js';
import type { Migration } from '../contracts/migration.js';

/** What a configuration function is given. */
export interface ConfigContext {
  /** The application's root, absolute. */
  readonly root: string;
  /** `.env` with the real environment over it; `process.env` itself is never changed. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The default export of a configuration file: options, or a function that returns or resolves to them. */
export type ConfigExport<T> = T | ((context: ConfigContext) => T | Promise<T>);

/** Types the default export of `config/session.ts`. Returns what it is given, unchecked: the boot checks. */
export function defineSession(options: SessionOptions): SessionOptions;
export function defineSession(options: ConfigExport<SessionOptions>): ConfigExport<SessionOptions>;
export function defineSession(options: ConfigExport<SessionOptions>): ConfigExport<SessionOptions> {
  return options;
}

/** Types the default export of `config/cookie.ts`. */
export function defineCookie(options: CookieOptions): CookieOptions;
export function defineCookie(options: ConfigExport<CookieOptions>): ConfigExport<CookieOptions>;
export function defineCookie(options: ConfigExport<CookieOptions>): ConfigExport<CookieOptions> {
  return options;
}

/** Types the default export of `config/database.ts`. */
export function defineDatabase(options: DatabaseOptions): DatabaseOptions;
export function defineDatabase(options: ConfigExport<DatabaseOptions>): ConfigExport<DatabaseOptions>;
export function defineDatabase(options: ConfigExport<DatabaseOptions>): ConfigExport<DatabaseOptions> {
  return options;
}

/** Types the default export of `config/app.ts`. */
export function defineApp(options: AppOptions): AppOptions;
export function defineApp(options: ConfigExport<AppOptions>): ConfigExport<AppOptions>;
export function defineApp(options: ConfigExport<AppOptions>): ConfigExport<AppOptions> {
  return options;
}

/** Types the default export of `config/services.ts`; keeps each factory's own type for augmentation. */
export function defineServices<T extends ServicesOptions>(services: T): T;
export function defineServices<T extends ServicesOptions>(services: ConfigExport<T>): ConfigExport<T>;
export function defineServices<T extends ServicesOptions>(services: ConfigExport<T>): ConfigExport<T> {
  return services;
}

/** Types the default export of a file of `app/Database/Migrations`. */
export function defineMigration(migration: Migration): Migration {
  return migration;
}
