import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Application, Session, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { after, before, beforeEach, describe, it } from 'mocha';
import { untilLocked } from '../fixtures/flocks.ts';
import { Visitor } from '../fixtures/interop-sides.ts';
import { type InteropSubject, interopSuite, type Stored } from '../fixtures/interop-suite.ts';
import { type PhpOptions, PhpServer } from '../fixtures/php-server.ts';
import { temporaryFolder } from '../fixtures/processes.ts';
import { serverProgram } from '../fixtures/servers/programs.ts';
import { until } from '../fixtures/servers/redis.ts';
import { QuietLog, refusal } from '../fixtures/store-app.ts';

const run = promisify(execFile);

async function storedIn(path: string): Promise<Stored | undefined> {
  try {
    return { bytes: await readFile(path), renewed: (await stat(path)).mtimeMs };
  } catch {
    return undefined;
  }
}

const PEERS = {
  blitzphp: { title: 'BlitzPHP', cookieName: 'blitz_session' },
  codeigniter4: { title: 'CodeIgniter 4', cookieName: 'ci_session' },
  php: { title: 'PHP by itself', cookieName: 'PHPSESSID' },
};

/** Each in a folder of its own. */
function subject(peer: PhpOptions['peer'], more: Partial<InteropSubject> = {}): InteropSubject {
  const { title, cookieName } = PEERS[peer];
  const prefix = peer === 'php' ? 'sess_' : cookieName;
  let savePath = '';
  return {
    name: `files, ${title}`,
    cookieName,
    start: async () => {
      savePath = await temporaryFolder();
      return {
        node: {
          session: {
            handler: 'file',
            savePath,
            interop: { peer },
            cookie_name: cookieName,
            gc_probability: 0,
          },
        },
        php: { peer, store: 'files', savePath, cookieName },
      };
    },
    stop: () => rm(savePath, { recursive: true, force: true }),
    stored: (id) => storedIn(join(savePath, prefix + id)),
    ...more,
  };
}

interopSuite(subject('blitzphp'));
interopSuite(subject('codeigniter4', { times: 40, busy: [] }));
interopSuite(subject('php', { times: 100, busy: [4], rush: 500 }));

describe('session files that PHP shares', () => {
  const NAME = 'blitz_session';
  let savePath: string;
  let php: PhpServer;
  let app: Application;
  let log: QuietLog;

  before(async () => {
    savePath = await temporaryFolder();
    php = await PhpServer.start({ peer: 'blitzphp', store: 'files', savePath, workers: 4 });
  });

  after(async () => {
    await app?.close();
    await php.stop();
    await rm(savePath, { recursive: true, force: true });
  });

  beforeEach(async () => {
    await app?.close();
    log = new QuietLog();
    app = await Application.boot({
      root: '/nowhere',
      log,
      config: { session: { handler: 'file', savePath, interop: 'php', gc_probability: 0, lock_wait: 1 } },
    });
  });

  const fileOf = (id: string) => join(savePath, NAME + id);
  const create = (values: Record<string, unknown> = { n: 0 }) =>
    Session.run(undefined, (session) => {
      session.put(values);
      return session.id;
    });
  /** A request of PHP that has had the lock for a moment, and keeps it. */
  const phpHolds = async (id: string, ms: number) => {
    const done = new Visitor(NAME, id).ask(php, 'increment', { key: 'held', sleep: ms * 1000 });
    await untilLocked(fileOf(id));
    return { done };
  };
  /** The process that waits for this one. */
  const helper = async () => {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'args=']);
    const child = new RegExp(`^ *(\\d+) +${process.pid} .*\\bflock\\b`, 'm').exec(stdout);
    return child === null ? undefined : Number(child[1]);
  };

  it('are one file a session, mode 0600, and nothing else lies in the folder', async () => {
    const id = await create();
    expect((await stat(fileOf(id))).mode & 0o777).to.equal(0o600);
    expect(await readdir(savePath)).to.include(NAME + id);
    for (const name of await readdir(savePath)) expect(name).to.match(/^blitz_session[0-9a-f]{32}$/);
  });

  it('are written in place', async () => {
    const id = await create({ text: 'x'.repeat(200_000) });
    const { ino } = await stat(fileOf(id));
    for (const length of [10, 70_000, 3, 300_000]) {
      await Session.run(id, (session) => session.put('text', 'y'.repeat(length)));
      expect(await Session.run(id, (session) => session.get('text'))).to.equal('y'.repeat(length));
    }
    expect((await stat(fileOf(id))).ino).to.equal(ino);
  });

  it('refuse a request that waits for PHP longer than lock_wait, and leave no lock behind', async () => {
    const id = await create();
    const { done } = await phpHolds(id, 3000);
    const began = performance.now();
    await refusal(() => Session.run(id, (session) => session.increment('n')), 'E_SESSION_LOCK_TIMEOUT');
    expect(performance.now() - began).to.be.within(900, 2800);
    await done;
    expect(await new Visitor(NAME, id).ask(php, 'increment', { key: 'n' })).to.equal(1);
  });

  it('leave the line with a client that leaves', async () => {
    const id = await create();
    const { done } = await phpHolds(id, 1500);
    const leaving = new AbortController();
    const client = {
      get gone() {
        return leaving.signal.aborted;
      },
      signal: leaving.signal,
    };
    const opening = app.service('sessionManager').open({ id, client });
    setTimeout(() => leaving.abort(), 100);
    const began = performance.now();
    await refusal(() => opening, 'E_SESSION_CLIENT_LEFT');
    expect(performance.now() - began).to.be.below(1400);
    await done;
    expect(await Session.run(id, (session) => session.increment('n'))).to.equal(1);
  });

  it('wait on when the process that waits for them dies', async () => {
    const id = await create();
    const { done } = await phpHolds(id, 800);
    const turn = Session.run(id, (session) => session.increment('n'));
    await until('somebody waits', async () => (await helper()) !== undefined);
    process.kill((await helper()) as number, 'SIGKILL');
    expect(await turn).to.equal(1);
    await done;
    expect(await Session.run(id, (session) => session.get('held'))).to.equal(1);
    expect(await helper()).to.equal(undefined);
  });

  it('stay gone when PHP deletes them under a request that waits', async () => {
    const id = await create();
    const script =
      '$f = fopen($argv[1], "r+"); flock($f, LOCK_EX); echo "held"; usleep(150000); unlink($argv[1]);';
    const deleting = spawn(await serverProgram('php'), ['-r', script, fileOf(id)]);
    const ended = once(deleting, 'exit');
    await once(deleting.stdout, 'data');
    await refusal(() => Session.run(id, (session) => session.put('late', 1)), 'E_SESSION_UNKNOWN_ID');
    await ended;
    expect(await storedIn(fileOf(id))).to.equal(undefined);
  });

  it('stay gone for PHP that waits while they are deleted here', async () => {
    const id = await create({ user: 'Ada' });
    let waits: Promise<unknown> | undefined;
    await Session.run(id, async (session) => {
      waits = new Visitor(NAME, id).ask(php, 'get', { key: 'user' }).catch((error: Error) => error.message);
      await untilLocked(fileOf(id), 'waiting');
      await session.destroy();
    });
    // PHP warns that the file is gone and goes on with an empty session, which it cannot save.
    expect(await waits).to.match(/stat failed/);
    expect(await storedIn(fileOf(id))).to.equal(undefined);
  });

  it('show a read-only request what was last saved while PHP works', async () => {
    const id = await create({ n: 7 });
    const { done } = await phpHolds(id, 1000);
    const began = performance.now();
    expect(await Session.run(id, (session) => session.get('n'), { readOnly: true })).to.equal(7);
    expect(performance.now() - began).to.be.below(900);
    await done;
  });

  it('keep aside what cannot be decoded, where no collector takes it', async () => {
    const id = await create();
    await writeFile(fileOf(id), 'user|s:3:"Ada";\n');
    const manager = app.service('sessionManager');
    const session = await manager.open({ id, carriesCookie: true });
    expect(session.id).to.not.equal(id);
    await manager.finish(session);
    expect(await storedIn(fileOf(id))).to.equal(undefined);
    const aside = (await readdir(savePath)).filter((name) => name.startsWith('.corrupt-'));
    expect(aside).to.have.length(1);
    const path = join(savePath, aside[0] as string);
    expect(await readFile(path, 'utf8')).to.equal('user|s:3:"Ada";\n');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    await utimes(path, 1, 1);
    await manager.collect();
    expect(await storedIn(path)).to.not.equal(undefined);
    await rm(path);
  });

  it('are collected by their age and their names, and never while somebody has them locked', async () => {
    const [old, held, young] = [await create(), await create(), await create()];
    const foreign = [
      'sess_0123456789abcdef0123456789abcdef',
      `${NAME}0123`,
      `${NAME}_${old}.blitz`,
      `other${old}`,
    ];
    for (const name of foreign) await writeFile(join(savePath, name), '');
    const { done } = await phpHolds(held, 200);
    for (const name of [...foreign, NAME + old, NAME + held]) await utimes(join(savePath, name), 1, 1);
    expect(await app.service('sessionManager').collect()).to.equal(1);
    const left = await readdir(savePath);
    expect(left)
      .to.include.members([...foreign, NAME + held, NAME + young])
      .and.to.not.include(NAME + old);
    await done;
    for (const name of foreign) await rm(join(savePath, name));
  });

  it('that PHP finds expired are not brought back', async () => {
    const id = await create({ n: 7 });
    await utimes(fileOf(id), Date.now() / 1000 - 8000, Date.now() / 1000 - 8000);
    await refusal(() => Session.run(id, (session) => session.get('n')), 'E_SESSION_UNKNOWN_ID');
  });

  it('that a collector of PHP deletes under an open session are not written again', async () => {
    const id = await create();
    const late = Session.run(id, async (session) => {
      await rm(fileOf(id));
      session.put('late', 1);
    });
    await refusal(() => late, 'E_SESSION_LOCK_LOST');
    expect(await storedIn(fileOf(id))).to.equal(undefined);
  });
});

describe('the folder that PHP shares', () => {
  let folder: string;

  before(async () => {
    folder = await temporaryFolder();
  });

  after(() => rm(folder, { recursive: true, force: true }));

  const boot = (savePath: string, more: SessionOptions = {}) =>
    Application.boot({
      root: '/nowhere',
      log: new QuietLog(),
      config: {
        session: { handler: 'file', savePath, interop: { peer: 'php' }, gc_probability: 0, ...more },
      },
    });

  it('is made with mode 0700, and gets nothing of ours', async () => {
    const path = join(folder, 'new');
    await (await boot(path)).close();
    expect((await stat(path)).mode & 0o777).to.equal(0o700);
    expect(await readdir(path)).to.deep.equal([]);
  });

  it('may be one that others add files to, as Debian has it, and none where they could exchange ours', async () => {
    const path = join(folder, 'open');
    await mkdir(path);
    await chmod(path, 0o1733);
    await (await boot(path)).close();
    await chmod(path, 0o777);
    await refusal(() => boot(path), 'E_SESSION_FOLDER');
    await (await boot(path, { file_trust_folder: true })).close();
  });

  it('has files of its owner, which is another account where root works for it', async () => {
    const path = join(folder, 'theirs');
    await mkdir(path, { mode: 0o700 });
    const owner = await stat(path);
    // Only root can work for somebody else; anybody else owns the folder that was made just now.
    const [forUid, forGid] = owner.uid === 0 ? [65_534, 65_534] : [owner.uid, owner.gid];
    await chown(path, forUid, forGid);
    const app = await boot(path);
    await Session.run(undefined, (session) => session.put('n', 1));
    const [name = ''] = await readdir(path);
    const { uid, gid, mode } = await stat(join(path, name));
    expect([uid, gid, mode & 0o777]).to.deep.equal([forUid, forGid, 0o600]);
    await app.close();
  });

  it('takes no lease: PHP knows only flock', async () => {
    await refusal(() => boot(folder, { file_lock: 'lease' }), 'E_SESSION_CONFIG');
  });

  it('may have levels, and files another mode, as session.save_path says it', async () => {
    const path = join(folder, 'deep');
    for (const level of '0123456789abcdefghijklmnopqrstuv')
      await mkdir(join(path, level), { recursive: true });
    const savePath = `1;640;${path}`;
    const php = await PhpServer.start({
      peer: 'php',
      store: 'files',
      savePath,
      cookieName: 'PHPSESSID',
      workers: 1,
    });
    const app = await boot(savePath, { cookie_name: 'PHPSESSID' });
    try {
      const id = await Session.run(undefined, (session) => {
        session.put('n', 4);
        return session.id;
      });
      expect((await stat(join(path, id.charAt(0), `sess_${id}`))).mode & 0o777).to.equal(0o640);
      expect(await new Visitor('PHPSESSID', id).ask(php, 'increment', { key: 'n' })).to.equal(5);
      const theirs = new Visitor('PHPSESSID');
      await theirs.ask(php, 'put', {}, { body: { n: 1 } });
      expect(await Session.run(theirs.id, (session) => session.increment('n'))).to.equal(2);
    } finally {
      await app.close();
      await php.stop();
    }
  });
});
