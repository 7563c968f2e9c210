// One million rows, half of them expired, collected while requests go on:
// node --import tsx tests/soak/million-rows.ts mariadb|postgres [--rows 1000000] [--seconds 20]
// Linux, as it reads the memory of the collector's process from /proc.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Session } from 'blitz-session';
import { appWith, removeApps } from '../fixtures/config-app.ts';
import { Klinge, klinge, linkPackages } from '../fixtures/klinge.ts';
import { bootSql, closeSqlApps } from '../fixtures/sql-app.ts';
import { MillionMariadb, MillionPostgres, type MillionServer } from './million-servers.ts';

/** Visitors at a time, and milliseconds between two requests of one: the same before the collector and beside it. */
const VISITORS = 8;
const EVERY = 25;
/** Sessions that they come back to, spread over the whole table. */
const VISITED = 2000;
/** Milliseconds after which the collector's process is as large as it should stay. */
const STARTED = 2000;

const BOUNDS = { latency: 2, megabytes: 32, requests: 2000 };
const ENV = { SESSION_HANDLER: 'database', SESSION_SAVE_PATH: 'sessions' };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Requests at a steady pace, each of which reads, adds one and writes; what each session must hold in the end. */
class Traffic {
  readonly #sessions: readonly number[];
  readonly #expected = new Map<number, number>();
  readonly #failures = new Map<string, number>();

  constructor(rows: number) {
    // The even ones are alive.
    const step = Math.max(2, Math.floor(rows / VISITED / 2) * 2);
    this.#sessions = Array.from({ length: Math.floor(rows / step) }, (_, n) => (n + 1) * step);
  }

  /** Milliseconds that each request took, from the first to the last until `ended`. */
  async run(ended: Promise<unknown>): Promise<number[]> {
    let going = true;
    const stop = () => {
      going = false;
    };
    ended.then(stop, stop);
    const took: number[] = [];
    const visitor = async (offset: number) => {
      // A request that is late does not thin out those that follow.
      for (let due = performance.now() + offset; going; due += EVERY) {
        await pause(Math.max(0, due - performance.now()));
        const began = performance.now();
        await this.#request();
        took.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: VISITORS }, (_, n) => visitor((n * EVERY) / VISITORS)));
    return took.sort((a, b) => a - b);
  }

  async #request(): Promise<void> {
    const n = this.#sessions[Math.floor(Math.random() * this.#sessions.length)] as number;
    try {
      await Session.run(idOf(n), (session) => session.increment('n'));
      this.#expected.set(n, (this.#expected.get(n) ?? 0) + 1);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const reason = code ?? message;
      this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
    }
  }

  /** Requests that failed, by their reason. */
  get failures(): string {
    return [...this.#failures].map(([reason, times]) => `${times} × ${reason}`).join(', ');
  }

  /** How many sessions do not hold what was saved in them. */
  async lost(): Promise<number> {
    let lost = 0;
    for (const [n, expected] of this.#expected) {
      const found = await Session.run(idOf(n), (session) => session.get('n'), { readOnly: true });
      if (found !== expected) lost++;
    }
    return lost;
  }
}

/** The id whose row the servers make as number `n`. */
function idOf(n: number): string {
  return createHash('md5').update(String(n)).digest('hex');
}

/** The table as the commands make it, filled; the folder of its application. */
async function prepare(server: MillionServer, rows: number): Promise<string> {
  const group = JSON.stringify(server.group);
  const root = await appWith({ 'config/database.json': `{"default":${group}}` });
  await linkPackages(root);
  for (const command of ['session:table', 'migrate']) {
    const { code, out, error } = await klinge([command], root, ENV);
    if (code !== 0) throw new Error(`klinge ${command} failed: ${out}${error}`);
  }
  await bootSql(server.group, { operation_timeout: 5 });
  await Session.run(undefined, (session) => session.put({ n: 0, text: 'x'.repeat(120) }));
  const [first] = (await server.sql('SELECT data FROM sessions')) as { data: Buffer }[];
  if (first === undefined) throw new Error('the first session is not in the table');
  await server.sql('TRUNCATE TABLE sessions');
  await server.fill(rows, first.data.toString('hex'));
  return root;
}

interface Collected {
  readonly deleted: number;
  readonly seconds: number;
  /** Megabytes that the process had when it had started, and at most afterwards. */
  readonly memory: readonly [early: number, most: number];
}

/** Runs `klinge session:gc` to its end, as cron would. */
async function collect(root: string): Promise<Collected> {
  const began = performance.now();
  const running = new Klinge(['session:gc', '--json'], root, ENV);
  let early = 0;
  let most = 0;
  const timer = setInterval(() => {
    const now = residentMegabytes(running.child.pid);
    if (performance.now() - began < STARTED) early = now;
    most = Math.max(most, now);
  }, 100);
  const code = await running.ended;
  clearInterval(timer);
  if (code !== 0) throw new Error(`klinge session:gc failed: ${running.out}${running.error}`);
  const { deleted } = JSON.parse(running.out) as { deleted: number };
  return { deleted, seconds: (performance.now() - began) / 1000, memory: [early, most] };
}

/** 0 when the process has ended. */
function residentMegabytes(pid: number | undefined): number {
  try {
    return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

async function main(server: MillionServer, rows: number, seconds: number): Promise<boolean> {
  const say = (text: string) => console.log(text);
  const root = await prepare(server, rows);
  say(`${rows} rows, half of them expired: ${await server.size()}`);
  const traffic = new Traffic(rows);
  await traffic.run(pause(5000));
  const before = await traffic.run(pause(seconds * 1000));
  const collecting = collect(root);
  const plans = server.plans();
  const during = await traffic.run(collecting);
  const { deleted, seconds: took, memory } = await collecting;

  const broken: string[] = [];
  const check = (fine: boolean, what: string) => fine || broken.push(what);
  for (const [when, times] of [
    ['before', before],
    ['during', during],
  ] as const) {
    const [half, high] = [quantile(times, 0.5), quantile(times, 0.99)].map((ms) => ms.toFixed(1));
    const worst = quantile(times, 1).toFixed(0);
    say(`${when}: ${times.length} requests, p50 ${half} ms, p99 ${high} ms, slowest ${worst} ms`);
  }
  const ratio = quantile(during, 0.99) / quantile(before, 0.99);
  say(`p99 during / before: ${ratio.toFixed(2)}`);
  check(ratio <= BOUNDS.latency, 'p99 has more than doubled');
  check(Math.min(before.length, during.length) >= BOUNDS.requests, 'too few requests to judge by');

  say(`deleted: ${deleted} in ${took.toFixed(1)} s, ${Math.round(deleted / took)} a second`);
  const [left] = await server.sql('SELECT count(*) AS n FROM sessions');
  check(deleted === rows / 2 && Number(left?.['n']) === rows / 2, `${left?.['n']} rows are left`);

  const [early, most] = memory;
  say(`the collector's process: ${early.toFixed(0)} MB when it had started, ${most.toFixed(0)} MB at most`);
  check(most - early <= BOUNDS.megabytes, 'its memory has grown');

  const lost = await traffic.lost();
  say(`sessions with a lost update: ${lost}; requests that failed: ${traffic.failures || 'none'}`);
  check(lost === 0 && traffic.failures === '', 'requests failed, or updates were lost');

  for (const { title, text, usesIndex } of await plans) {
    say(`${title}:\n${text}`);
    check(usesIndex, `no index: ${title}`);
  }
  for (const what of broken) say(`BROKEN: ${what}`);
  return broken.length === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string', default: '1000000' }, seconds: { type: 'string', default: '20' } },
});
const servers = { mariadb: MillionMariadb, postgres: MillionPostgres };
const Server = servers[positionals[0] as keyof typeof servers];
if (Server === undefined) throw new Error(`which server? ${Object.keys(servers).join(', ')}`);
const server = await Server.start();
try {
  process.exitCode = (await main(server, Number(values.rows), Number(values.seconds))) ? 0 : 1;
} finally {
  await closeSqlApps();
  await removeApps();
  await server.stop();
}
