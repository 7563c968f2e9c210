import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, type Handler, type HandlerClass, Session, type SessionOptions } from 'blitz-session';
import { handlerSuite, ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { after, before, beforeEach, describe, it } from 'mocha';
import { MongoClient } from 'mongodb';
import { MongoSessionHandler } from '../../app/Extensions/MongoSessionHandler.ts';
import { SqliteSessionHandler } from '../../app/Extensions/SqliteSessionHandler.ts';
import type { Job } from '../fixtures/custom-handler-worker.ts';
import { MongoServer } from '../fixtures/mongo-server.ts';

const runner = { describe, it, before, after };
const WORKER = fileURLToPath(new URL('../fixtures/custom-handler-worker.ts', import.meta.url));
const LISTENER = new URL('../../app/Listeners/SessionHandlersListener.ts', import.meta.url).href;
/** Seconds. */
const LOCK_TTL = 1;

let server: MongoServer;
let root: string;
let places = 0;

// What the application of a worker process finds; mocha itself may load a second copy of the package for its tests.
before(async () => {
  server = await MongoServer.start();
  root = await mkdtemp(join(tmpdir(), 'blitz-custom-'));
  await mkdir(join(root, 'app/Listeners'), { recursive: true });
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  await writeFile(join(root, 'app/Listeners/handlers.js'), `export * from ${JSON.stringify(LISTENER)};\n`);
});

after(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

interface Subject {
  readonly title: string;
  readonly name: Job['handler'];
  readonly handler: HandlerClass;
  /** A place that nothing else uses. */
  savePath(): string;
}

const subjects: Subject[] = [
  {
    title: 'sqlite',
    name: 'sqlite',
    handler: SqliteSessionHandler,
    savePath: () => join(root, 'storage', `sessions-${++places}.db`),
  },
  {
    title: 'mongo (test server)',
    name: 'mongo',
    handler: MongoSessionHandler,
    savePath: () => `${server.url}/test?collection=sessions_${++places}`,
  },
];

/** A MongoDB to run everything on as well, with a database in the address: its collections `blitz_test_*` are dropped. */
const realMongo = process.env['MONGODB_URL'];
if (realMongo !== undefined && realMongo !== '') {
  const collections: string[] = [];
  subjects.push({
    title: 'mongo (the MongoDB of MONGODB_URL)',
    name: 'mongo',
    handler: MongoSessionHandler,
    savePath: () => {
      const collection = `blitz_test_${process.pid}_${++places}`;
      collections.push(collection);
      return `${realMongo}${realMongo.includes('?') ? '&' : '?'}collection=${collection}`;
    },
  });
  after(async () => {
    const client = new MongoClient(realMongo);
    for (const collection of collections) await client.db().collection(collection).drop();
    await client.close();
  });
}

for (const subject of subjects) {
  const { title, name, handler } = subject;
  handlerSuite(runner, { name: title, handler, locks: true, savePath: () => subject.savePath() });

  describe(`${title} handler: ownership`, () => {
    const clock = new ShiftedClock();
    let app: Application;
    before(async () => {
      const session = { handler, savePath: subject.savePath(), lock_ttl: 10, gc_probability: 0 };
      app = await Application.boot({ root, clock, config: { session } });
    });
    after(() => app.close());

    async function instance(): Promise<Handler> {
      const { handlerOptions } = app.service('sessionManager');
      const opened: Handler = new handler(handlerOptions, {});
      await opened.open(handlerOptions.savePath, handlerOptions.name);
      return opened;
    }

    /** A record whose first holder stood still until its lease ran out and somebody else took the lock. */
    async function overtaken(id: string): Promise<{ first: Handler; second: Handler }> {
      const [first, second] = [await instance(), await instance()];
      await first.create?.(id, 'one');
      expect(await first.read(id)).to.equal('one');
      clock.advance(11);
      expect(await second.read(id)).to.equal('one');
      return { first, second };
    }

    it('writes, touches, renews and destroys nothing once the lease was taken over', async () => {
      const { first, second } = await overtaken('a');
      for (const attempt of [
        () => first.write('a', 'stale'),
        () => first.updateTimestamp?.('a', 'stale'),
        () => first.commit?.('a', 'stale', false),
        () => first.destroy('a'),
      ]) {
        expect(await codeOf(attempt)).to.equal('E_SESSION_LOCK_LOST');
      }
      expect(await first.renew?.('a')).to.equal(false);
      await second.commit?.('a', 'two', false);
      expect(await first.peek?.('a')).to.equal('two');
    });

    it('frees only its own lock', async () => {
      const { first, second } = await overtaken('b');
      await first.close();
      expect(await second.renew?.('b')).to.equal(true);
      await second.close();
    });

    it('never brings back what was destroyed', async () => {
      const { first, second } = await overtaken('c');
      await second.destroy('c');
      expect(await codeOf(() => first.commit?.('c', 'back', false))).to.equal('E_SESSION_LOCK_LOST');
      expect(await codeOf(() => first.write('c', 'back'))).to.equal('E_SESSION_LOCK_LOST');
      await first.close();
      expect(await second.peek?.('c')).to.equal('');
    });

    it('keeps the lock while it is renewed, and collects what nobody holds any more', async () => {
      const holder = await instance();
      await holder.create?.('d', 'data');
      await holder.read('d');
      for (let i = 0; i < 3; i++) {
        clock.advance(8);
        expect(await holder.renew?.('d')).to.equal(true);
        await (await instance()).gc(5);
      }
      expect(await holder.peek?.('d')).to.equal('data');
      clock.advance(11);
      expect(await (await instance()).gc(5)).to.be.at.least(1);
      expect(await holder.peek?.('d')).to.equal('');
    });

    it('knows when a record was last used', async () => {
      const [writer, reader] = [await instance(), await instance()];
      await writer.create?.('e', 'data');
      clock.advance(60);
      await reader.peek?.('e');
      expect(reader.lastActivity).to.be.closeTo(clock.now() - 60_000, 5000);
      await writer.read('e');
      await writer.commit?.('e', null, false);
      await reader.peek?.('e');
      expect(reader.lastActivity).to.be.closeTo(clock.now(), 5000);
    });
  });

  describe(`${title} handler: several processes`, () => {
    const options: Partial<SessionOptions> = { lock_ttl: LOCK_TTL, lock_wait: 10, gc_probability: 0 };
    let app: Application;
    let id: string;
    let job: Job;
    const children: ChildProcess[] = [];

    before(async () => {
      options.savePath = subject.savePath();
      app = await Application.boot({ root, config: { session: { ...options, handler } } });
    });
    after(async () => {
      for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
      await app.close();
    });
    beforeEach(async () => {
      id = await Session.run(undefined, (session) => {
        session.put('n', 0);
        return session.id;
      });
      job = { root, handler: name, options, id, increments: 0 };
    });

    function start(task: Job): ChildProcess {
      const child = fork(WORKER, [JSON.stringify(task)], { execArgv: ['--import', 'tsx'] });
      children.push(child);
      return child;
    }

    it('is known by its name through the listener, and loads no library but its own', async () => {
      const worker = start({ ...job, increments: 1 });
      expect((await once(worker, 'message'))[0]).to.deep.equal([name === 'sqlite' ? 'libsql' : 'mongodb']);
      expect(await Session.run(id, (session) => session.get('n'))).to.equal(1);
    });

    it('loses no write of three processes that increment fifty times each', async () => {
      const workers = Array.from({ length: 3 }, () => start({ ...job, increments: 50 }));
      const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0]));
      expect(codes).to.deep.equal([0, 0, 0]);
      expect(await Session.run(id, (session) => session.get('n'))).to.equal(150);
    });

    it('waits for a process that lives, and gets the session within lock_ttl when it was killed', async () => {
      const holder = start(job);
      await once(holder, 'message');
      let entered = 0;
      const next = Session.run(id, (session) => {
        entered = performance.now();
        return session.increment('n');
      });
      await new Promise((resolve) => setTimeout(resolve, LOCK_TTL * 2000));
      expect(entered).to.equal(0);
      const killed = performance.now();
      holder.kill('SIGKILL');
      expect(await next).to.equal(1);
      // Half a second for a machine that is busy with other things.
      expect(entered - killed).to.be.within(0, LOCK_TTL * 1000 + 500);
    });
  });
}

describe('sqlite handler: the file', () => {
  it('and its folder are readable for their owner only', async () => {
    const savePath = join(root, 'private', 'sessions.db');
    const app = await Application.boot({
      root,
      config: { session: { handler: SqliteSessionHandler, savePath } },
    });
    try {
      await Session.run(undefined, (session) => session.put('a', 1));
      for (const [path, mode] of [
        [join(root, 'private'), 0o700],
        [savePath, 0o600],
        [`${savePath}-wal`, 0o600],
      ] as const) {
        expect((await stat(path)).mode & 0o777, path).to.equal(mode);
      }
    } finally {
      await app.close();
    }
  });

  it('stops the start when it cannot be opened', async () => {
    const session = { handler: SqliteSessionHandler, savePath: join(root, 'package.json', 'sessions.db') };
    expect(await codeOf(() => Application.boot({ root, config: { session } }))).to.be.oneOf([
      'EEXIST',
      'ENOTDIR',
    ]);
  });

  it('is waited for without stopping the event loop while another connection writes', async () => {
    const savePath = subjects[0]?.savePath() ?? '';
    const session = { handler: SqliteSessionHandler, savePath, operation_timeout: 1, lock_ttl: LOCK_TTL };
    const app = await Application.boot({ root, config: { session } });
    const { default: Database } = await import('libsql');
    const other = new Database(savePath);
    try {
      const id = await Session.run(undefined, (store) => {
        store.put('n', 1);
        return store.id;
      });
      other.exec('BEGIN IMMEDIATE');
      let ticks = 0;
      const ticking = setInterval(() => ticks++, 5);
      setTimeout(() => other.exec('COMMIT'), 200);
      expect(await Session.run(id, (store) => store.increment('n'))).to.equal(2);
      clearInterval(ticking);
      expect(ticks).to.be.above(10);
      const writing = Session.run(id, (store) => {
        other.exec('BEGIN IMMEDIATE');
        store.increment('n');
      });
      expect(await codeOf(() => writing)).to.equal('E_SESSION_BACKEND');
      other.exec('COMMIT');
      expect(await Session.run(id, (store) => store.increment('n'))).to.equal(3);
      const rows = other.prepare('SELECT 1 FROM sessions WHERE lock_until = 0').all();
      expect(rows).to.have.length(1);
    } finally {
      other.close();
      await app.close();
    }
  });
});

describe('mongo handler: a server that fails', () => {
  it('stops the start when the connection string is wrong', async () => {
    const session = { handler: MongoSessionHandler, savePath: 'nowhere' };
    const failure = await Application.boot({ root, config: { session } }).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure).to.be.an.instanceof(Error);
  });

  it('gives a typed error within operation_timeout when it hangs, and works again by itself', async () => {
    const savePath = subjects[1]?.savePath() ?? '';
    const timeouts = { operation_timeout: 0.3, lock_ttl: LOCK_TTL };
    const app = await Application.boot({
      root,
      config: { session: { handler: MongoSessionHandler, savePath, ...timeouts } },
    });
    try {
      const id = await Session.run(undefined, (session) => {
        session.put('n', 0);
        return session.id;
      });
      const began = performance.now();
      const inFlight = Session.run(id, (session) => {
        server.pause();
        session.increment('n');
      });
      expect(await codeOf(() => inFlight)).to.equal('E_SESSION_BACKEND');
      expect(await codeOf(() => Session.run(id, () => {}))).to.equal('E_SESSION_BACKEND');
      expect(performance.now() - began).to.be.below(1500);
      server.resume();
      const increment = () => Session.run(id, (session) => session.increment('n'));
      let seen: number | undefined;
      for (const end = performance.now() + 5000; seen === undefined && performance.now() < end; ) {
        seen = await increment().catch(() => undefined);
      }
      // The update that got no answer may have been made all the same.
      expect(seen).to.be.oneOf([1, 2]);
      expect(await increment()).to.equal((seen ?? 0) + 1);
    } finally {
      server.resume();
      await app.close();
    }
  });
});

async function codeOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
