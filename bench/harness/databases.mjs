import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { startStore } from './stores.mjs';

/**
 * A PostgreSQL with durable settings (fsync and synchronous_commit on): its address, how to empty its tables, how to end
 * it, `room()`, the bytes that its sessions take, and `hurry(true)`, which lets it answer before the disk has what it
 * wrote. The tables that the set-ups need are there; those of the peers come with them.
 */
export async function startPostgres(core) {
  const bin = postgresFolder();
  const asUser = accountOf('postgres');
  const store = await startStore(
    core,
    `${bin}postgres`,
    (port, folder) => ['-D', `${folder}/data`, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
    {
      asUser,
      signal: 'SIGQUIT',
      prepare(folder) {
        own(folder, 'postgres');
        runAs(asUser, `${bin}initdb`, ['-D', `${folder}/data`, '-U', 'web', '-A', 'trust', '-E', 'UTF8']);
      },
    },
  );
  const address = `postgres://web@127.0.0.1:${store.port}/postgres`;
  const sql = async (text) => {
    const client = new pg.Client(address);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  await patiently(() =>
    sql(`CREATE TABLE sessions (
      id varchar(128) PRIMARY KEY, ip_address inet NOT NULL, timestamp timestamptz NOT NULL DEFAULT now(),
      data bytea NOT NULL DEFAULT '', lock_owner varchar(32), lock_until timestamptz);
    CREATE INDEX sessions_timestamp ON sessions (timestamp)`),
  );
  const tables = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'";
  const hurry = async (on) => {
    await sql(`ALTER SYSTEM SET synchronous_commit = ${on ? 'off' : 'on'}`);
    await sql('SELECT pg_reload_conf()');
  };
  const room = async () => Number((await sql("SELECT pg_total_relation_size('sessions') AS size"))[0].size);
  return { ...store, address, hurry, room, clear: () => emptied(sql, tables) };
}

/** A MariaDB with durable settings (innodb_flush_log_at_trx_commit 1); see startPostgres. */
export async function startMariadb(core) {
  const asUser = accountOf('mysql');
  const store = await startStore(
    core,
    existsSync('/usr/sbin/mariadbd') ? '/usr/sbin/mariadbd' : 'mariadbd',
    (port, folder) => [
      ...['--no-defaults', `--datadir=${folder}/data`, `--socket=${folder}/s`, `--pid-file=${folder}/pid`],
      `--tmpdir=${folder}`,
      ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve'],
      '--innodb-flush-log-at-trx-commit=1',
    ],
    {
      asUser,
      prepare(folder) {
        own(folder, 'mysql');
        const plain = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
        runAs(asUser, 'mariadb-install-db', [
          '--no-defaults',
          `--datadir=${folder}/data`,
          `--tmpdir=${folder}`,
          ...plain,
        ]);
      },
    },
  );
  const address = `mysql://root@127.0.0.1:${store.port}/app`;
  const sql = async (text, database = 'app') => {
    const client = await createConnection({ host: '127.0.0.1', port: store.port, user: 'root', database });
    try {
      return (await client.query(text))[0];
    } finally {
      client.destroy();
    }
  };
  await patiently(() => sql('CREATE DATABASE IF NOT EXISTS app', 'mysql'));
  await sql(`CREATE TABLE sessions (
    id varchar(128) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, ip_address varchar(45) NOT NULL,
    timestamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, data mediumblob NOT NULL,
    lock_owner varchar(32) CHARACTER SET ascii COLLATE ascii_bin NULL, lock_until timestamp(6) NULL,
    KEY sessions_timestamp (timestamp))`);
  const tables = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'app'";
  const hurry = (on) => sql(`SET GLOBAL innodb_flush_log_at_trx_commit = ${on ? 2 : 1}`);
  const length = `SELECT data_length + index_length AS size FROM information_schema.tables
    WHERE table_schema = 'app' AND table_name = 'sessions'`;
  const room = async () => {
    await sql('ANALYZE TABLE sessions');
    return Number((await sql(length))[0].size);
  };
  return { ...store, address, hurry, room, clear: () => emptied(sql, tables) };
}

async function emptied(sql, tables) {
  for (const { name } of await sql(tables)) await sql(`TRUNCATE TABLE ${name}`);
}

/** A server takes connections a moment before it takes statements. */
async function patiently(work) {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Database servers refuse to run as root. */
function accountOf(user) {
  return process.getuid?.() === 0 ? ['setpriv', '--reuid', user, '--regid', user, '--init-groups'] : [];
}

function own(folder, user) {
  if (process.getuid?.() === 0) runAs([], 'chown', [user, folder]);
}

function runAs(asUser, program, args) {
  const [file, ...rest] = [...asUser, program, ...args];
  const { status, stderr, error } = spawnSync(file, rest, { encoding: 'utf8', cwd: '/' });
  if (status !== 0) throw new Error(`${program} failed; is it installed?\n${stderr}`, { cause: error });
}

/** Debian keeps each version of PostgreSQL's programs in a folder of its own. */
function postgresFolder() {
  const root = '/usr/lib/postgresql';
  const [newest] = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return newest === undefined ? '' : `${root}/${newest}/bin/`;
}
