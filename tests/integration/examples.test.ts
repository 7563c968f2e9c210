import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { ROOT } from '../fixtures/docs.ts';
import { Visitor } from '../fixtures/http.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';

const run = promisify(execFile);
const EXAMPLES = join(ROOT, 'examples');
/** Neither the tests' NODE_ENV nor their loaders. */
const { NODE_ENV: _env, NODE_OPTIONS: _options, ...clean } = process.env;

const names = (await readdir(EXAMPLES, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** One process of an example. */
class Program {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(folder: string, redis: string): Promise<Program> {
    const child = spawn(process.execPath, ['server.js'], {
      cwd: folder,
      env: { ...clean, PORT: '0', SESSION_HANDLER: 'redis', SESSION_SAVE_PATH: redis },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const ended = once(child, 'exit');
    const address = new Promise<number>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said) ?? [];
          if (port !== undefined) resolve(Number(port));
        });
      }
    });
    const died = ended.then(() => Promise.reject(new Error(`${folder} ended:\n${said}`)));
    return new Program(child, await Promise.race([address, died]));
  }

  /** As a service manager stops it; its exit code. */
  async stop(): Promise<unknown> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const [code] = await ended;
    return code;
  }
}

describe('examples: each as a user starts it, on Redis, in three processes', () => {
  let redis: RedisServer;
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    folder = await mkdtemp(join(tmpdir(), 'blitz-examples-'));
    await run(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: ROOT });
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', pack, { cwd: ROOT });
    const [{ filename }] = Object.values(JSON.parse(stdout)) as [{ filename: string }];
    // One installation above all of them: Node looks for packages in the folders above.
    const dependencies: Record<string, string> = {};
    for (const name of names) {
      await cp(join(EXAMPLES, name), join(folder, name), { recursive: true });
      const own = JSON.parse(await readFile(join(EXAMPLES, name, 'package.json'), 'utf8'));
      Object.assign(dependencies, own.dependencies);
    }
    dependencies['blitz-session'] = `file:${filename}`;
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      env: clean,
    });
    redis = await RedisServer.start();
  });

  after(async () => {
    await redis?.process.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const name of names) {
    it(name, async () => {
      const programs = await Promise.all(
        [1, 2, 3].map(() => Program.start(join(folder, name), redis.address)),
      );
      try {
        const [first, second, third] = programs.map(({ port }) => port) as [number, number, number];
        await countsEvery(first, second, third);
        await followsAtOnce(first, second);
        await staysOut(first, second, third);
      } finally {
        const codes = await Promise.all(programs.map((program) => program.stop()));
        expect(codes, 'ends by itself').to.deep.equal([0, 0, 0]);
      }
    });
  }
});

/** The same visitor at another process. */
function at(port: number, { cookie }: Visitor): Visitor {
  const visitor = new Visitor(port);
  visitor.cookie = cookie;
  return visitor;
}

/** Parallel requests that read, wait and write, over all processes. */
async function countsEvery(...ports: number[]): Promise<void> {
  const visitor = new Visitor(ports[0] as number);
  expect((await visitor.get('/visite')).body).to.contain('1');
  const replies = await Promise.all(
    Array.from({ length: 30 }, (_, n) => at(ports[n % ports.length] as number, visitor).get('/visite')),
  );
  expect(replies.map(({ status }) => status)).to.deep.equal(replies.map(() => 200));
  expect((await visitor.get('/')).body).to.equal('Inconnu, 31 visites\n');
}

const form = (body: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) },
  body,
});

/** A redirect that is followed at once, to another process, sees what was written before it. */
async function followsAtOnce(first: number, second: number): Promise<void> {
  const visitor = new Visitor(first);
  await visitor.get('/visite');
  const before = visitor.id;
  const reply = await visitor.get('/connexion', form('nom=Zo%C3%A9'));
  expect([reply.status, new URL(reply.headers.location ?? '', 'http://x').pathname]).to.deep.equal([
    303,
    '/',
  ]);
  expect((await at(second, visitor).get('/')).body).to.equal('Zoé, 1 visites\n');
  expect(visitor.id, 'a new id').to.not.equal(before);
}

/** A logout beside requests that are still running is not undone by them. */
async function staysOut(...ports: [number, number, number]): Promise<void> {
  const visitor = new Visitor(ports[0]);
  await visitor.get('/connexion', form('nom=Ada'));
  const old = at(ports[2], visitor);
  const running = ports.map((port) => at(port, visitor).get('/visite'));
  const out = await at(ports[1], visitor).get('/deconnexion', form(''));
  expect(out.cookies.join()).to.contain('blitz_session=deleted');
  await Promise.all(running);
  expect((await old.get('/')).body).to.equal('Inconnu, 0 visites\n');
}
