/** One group of `config/database.ts`. */
export interface DatabaseGroup {
  driver?: 'mysql' | 'postgre' | 'pdomysql' | 'pdopgsql' | 'pdo_mysql' | 'pdo_pgsql' | 'pgsql' | 'postgres';
  host?: string;
  port?: number;
  username?: string;
  password?: string;
  database?: string;
  charset?: string;
  prefix?: string;
  socket?: string;
  ssl?: boolean | Record<string, unknown>;
  /**
   * The sessions' own connections: `{ max }` how many at most, `{ prepare: false }` without prepared statements. Or a
   * pool of mysql2 or pg: it is then the sessions', who open connections like its own and end it.
   */
  pool?: { max?: number; prepare?: boolean } | { end(): unknown };
}

/** One group after defaults and checks. `''` where nothing was said; `pool` may be a client's own object. */
export interface ResolvedDatabaseGroup extends Readonly<Required<Omit<DatabaseGroup, 'driver' | 'pool'>>> {
  readonly driver: 'mysql' | 'postgre';
  readonly pool: Readonly<Record<string, unknown>>;
}
