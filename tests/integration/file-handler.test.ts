import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Application, FileHandler, Session, type SessionOptions } from 'blitz-session';
import { ManualClock, ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { handlerOptions } from '../fixtures/memcached-store.ts';
import { temporaryFolder, Worker } from '../fixtures/processes.ts';

const run = promisify(execFile);
const REPO = fileURLToPath(new URL('../..', import.meta.url));

describe('the file handler', () => {
  let folder: string;
  let app: Application | undefined;
  let warnings: string[];

  async function begin(options: SessionOptions = {}): Promise<Application> {
    warnings = [];
    const log = { warn: (message: string) => void warnings.push(message), error: () => {} };
    const session = { handler: 'file' as const, savePath: folder, gc_probability: 0, ...options };
    app = await Application.boot({ root: folder, log, config: { session } });
    return app;
  }

  const create = (values: Record<string, unknown> = { a: 1 }) =>
    Session.run(undefined, (session) => {
      session.put(values);
      return session.id;
    });

  const sessionFiles = async () => (await readdir(folder)).filter((name) => name.endsWith('.blitz'));

  const failure = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: { code: string; message: string }) => error,
    );

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await app?.close();
    app = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('makes its folder 0700 and its files 0600 whatever the umask', async () => {
    for (const umask of ['000', '777']) {
      const savePath = join(folder, `umask-${umask}`, 'sessions');
      await mkdir(join(folder, `umask-${umask}`));
      const program = `
        import { Application, Session } from 'blitz-session';
        process.umask(0o${umask});
        const app = await Application.boot({ root: ${JSON.stringify(folder)}, config: { session: { handler: 'file', savePath: ${JSON.stringify(savePath)} } } });
        const id = await Session.run(undefined, (session) => { session.put('a', 1); return session.id; });
        await Session.run(id, (session) => session.put('a', 2));
        await app.close();`;
      const args = process.env['TSX_TSCONFIG_PATH'] === undefined ? [] : ['--import', 'tsx'];
      await run(process.execPath, [...args, '--input-type=module', '-e', program], { cwd: REPO });
      expect((await stat(savePath)).mode & 0o777).to.equal(0o700);
      const files = await readdir(savePath);
      expect(files).to.have.length(2);
      for (const name of files) expect((await stat(join(savePath, name))).mode & 0o777).to.equal(0o600);
    }
  });

  it('refuses a folder that others can write to, unless it is told otherwise', async () => {
    for (const mode of [0o777, 0o770, 0o702]) {
      await chmod(folder, mode);
      expect(await failure(begin()), mode.toString(8)).to.have.property('code', 'E_SESSION_FOLDER');
    }
    await begin({ file_trust_folder: true });
  });

  it('refuses a path that is no folder, and one that it cannot write to', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await failure(begin({ savePath: join(folder, 'file') }))).to.have.property(
      'code',
      'E_SESSION_FOLDER',
    );
    const error = await failure(begin({ savePath: '/proc/blitz' }));
    expect(error).to.have.property('code', 'E_SESSION_FOLDER');
    expect(error?.message).to.contain('/proc/blitz');
  });

  it('refuses to mix two kinds of locks in one folder', async () => {
    await begin({ file_lock: 'flock' });
    await app?.close();
    expect(await failure(begin({ file_lock: 'lease' }))).to.have.property('code', 'E_SESSION_FOLDER');
    await begin({ file_lock: 'flock' });
  });

  it('looks again at a refused lock for some turns of the event loop, and pauses after that', async () => {
    const clock = new ManualClock();
    const options = handlerOptions({ savePath: folder, clock });
    const id = 'a'.repeat(64);
    const turns = async (count: number) => {
      for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
    };
    await FileHandler.boot(options);
    const [holder, waiter] = [new FileHandler(options), new FileHandler(options)];
    await holder.create(id, 'kept');
    for (const wait of [3, 50]) {
      expect(await holder.read(id)).to.equal('kept');
      let read: string | undefined;
      void Promise.resolve(waiter.read(id)).then((data) => {
        read = data;
      });
      await turns(wait);
      expect(read).to.equal(undefined);
      expect(clock.pending, `pauses after ${wait} turns`).to.equal(wait === 3 ? 0 : 1);
      holder.close();
      if (wait === 3) await turns(3);
      else await clock.advance(0.01);
      expect(read, `after ${wait} turns`).to.equal('kept');
      waiter.close();
    }
  });

  it('does not follow a symbolic link in the place of a session', async () => {
    await begin();
    const id = await create();
    const [name = ''] = await sessionFiles();
    const target = join(folder, 'target');
    await writeFile(target, await readFile(join(folder, name)));
    await rm(join(folder, name));
    await symlink(target, join(folder, name));
    expect(await failure(Session.run(id, (session) => session.put('a', 2)))).to.have.property(
      'code',
      'E_SESSION_BACKEND',
    );
    expect(await failure(Session.run(id, () => {}, { readOnly: true }))).to.have.property(
      'code',
      'E_SESSION_BACKEND',
    );
  });

  it('writes a small record over the old one, any other beside it, and finds each again', async () => {
    await begin();
    const id = await create({ text: 'a'.repeat(3000) });
    const path = join(folder, (await sessionFiles())[0] ?? '');
    const grown: number[] = [];
    for (const [letter, length] of Object.entries({
      b: 3000,
      c: 3500,
      d: 3500,
      e: 10,
      f: 9000,
      g: 9000,
      h: 9000,
      i: 10,
    })) {
      const { size } = await stat(path);
      await Session.run(id, (session) => session.put('text', letter.repeat(length)));
      if ((await stat(path)).size > size) grown.push(length);
      const text = await Session.run(id, (session) => session.get('text'), { readOnly: true });
      expect(text).to.equal(letter.repeat(length));
    }
    expect(grown).to.deep.equal([3500, 9000, 9000]);
  });

  for (const [title, damage] of [
    ['overwritten', () => Buffer.from('not a session file, though long enough to have a header')],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    [
      'with a flipped bit',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 2 ? byte ^ 4 : byte))),
    ],
  ] as const) {
    it(`keeps a file aside that is ${title}, warns, and begins a new session`, async () => {
      const { service } = await begin().then((booted) => ({ service: booted.service('sessionManager') }));
      const id = await create();
      const [name = ''] = await sessionFiles();
      const damaged = damage(await readFile(join(folder, name)));
      await writeFile(join(folder, name), damaged);
      const session = await service.open({ id });
      expect(session.id).to.not.equal(id);
      expect(session.store.all()).to.deep.equal({});
      await service.finish(session);
      const aside = (await readdir(folder)).filter((file) => file.includes('.corrupt-'));
      expect(aside).to.have.length(1);
      expect(await readFile(join(folder, aside[0] ?? ''))).to.deep.equal(Buffer.from(damaged));
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.not.contain(id);
    });
  }

  it('treats a file whose writing never began as no session', async () => {
    await begin();
    const id = await create();
    const [name = ''] = await sessionFiles();
    await writeFile(join(folder, name), '');
    expect(await app?.service('sessionManager').find(id)).to.equal(undefined);
    expect(warnings).to.deep.equal([]);
  });

  it('loses nothing when the disk is full: an error, and the record as it was', async () => {
    const program = `
      import { Application, Session } from 'blitz-session';
      const app = await Application.boot({ root: ${JSON.stringify(folder)}, config: { session: { handler: 'file', savePath: ${JSON.stringify(folder)} } } });
      const id = await Session.run(undefined, (session) => { session.put('a', 'kept'); return session.id; });
      const error = await Session.run(id, (session) => session.put('a', 'x'.repeat(200000))).catch((error) => error);
      const large = await Session.run(undefined, (session) => session.put('a', 'x'.repeat(200000))).catch((error) => error);
      console.log(JSON.stringify([error.code, large.code, await Session.run(id, (session) => session.get('a'))]));
      await app.close();`;
    // A limit on the size of files stands in for a full disk: the same system call fails in the same place.
    const node = [
      process.execPath,
      ...(process.env['TSX_TSCONFIG_PATH'] === undefined ? [] : ['--import', 'tsx']),
    ];
    const script = `trap '' XFSZ; ulimit -f 100; exec ${node.join(' ')} --input-type=module -e "$1"`;
    const { stdout } = await run('bash', ['-c', script, 'bash', program], { cwd: REPO });
    expect(JSON.parse(stdout)).to.deep.equal(['E_SESSION_BACKEND', 'E_SESSION_BACKEND', 'kept']);
    expect(await sessionFiles()).to.have.length(1);
  });

  it('grows and shrinks a record without ever growing the file beyond a few times its size', async () => {
    await begin();
    const id = await create();
    for (let round = 0; round < 200; round++) {
      const size = 100 + ((round * 7919) % 3000);
      await Session.run(id, (session) => session.put('a', 'x'.repeat(size)));
      expect(await Session.run(id, (session) => session.get('a'))).to.have.length(size);
    }
    const [name = ''] = await sessionFiles();
    expect((await stat(join(folder, name))).size).to.be.below(4 * 3300);
  });

  it('gives the room of a large record back', async () => {
    await begin();
    const id = await create({ a: 'x'.repeat(2_000_000) });
    for (let round = 0; round < 4; round++)
      await Session.run(id, (session) => session.put('a', `small ${round}`));
    const [name = ''] = await sessionFiles();
    expect((await stat(join(folder, name))).size).to.be.below(10_000);
    expect(await Session.run(id, (session) => session.get('a'))).to.equal('small 3');
  });

  it('collects what is old, in slices that let the event loop go on, and nothing else', async () => {
    const clock = new ShiftedClock();
    const session = { handler: 'file' as const, savePath: folder, gc_probability: 0, expiration: 1000 };
    app = await Application.boot({ root: folder, clock, config: { session } });
    const manager = app.service('sessionManager');
    const old = await create();
    const [name = ''] = await sessionFiles();
    const record = await readFile(join(folder, name));
    const copies = 3000;
    for (let i = 0; i < copies; i++) {
      const path = join(folder, `blitz_session_${String(i).padStart(64, '0')}.blitz`);
      await writeFile(path, record);
    }
    await writeFile(join(folder, 'other.txt'), 'of somebody else');
    await utimes(join(folder, 'other.txt'), 0, 0);
    clock.advance(1001);
    const young = await create();
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    const removed = await manager.collect();
    clearInterval(ticking);
    expect(removed).to.equal(copies + 1);
    expect(turns).to.be.above(3);
    expect(await manager.find(old)).to.equal(undefined);
    expect(await manager.find(young)).to.equal(young);
    expect(await readdir(folder))
      .to.include('other.txt')
      .and.have.length(3);
  });

  it('passes over what the collector cannot open, and says so without naming it', async () => {
    await begin({ file_lock: 'lease', expiration: 1000 });
    const ids = [await create(), await create(), await create()];
    await app?.close();
    const names = await sessionFiles();
    await mkdir(join(folder, `${names[0]}.lock`));
    const clock = new ShiftedClock();
    clock.advance(2000);
    const session = {
      handler: 'file' as const,
      savePath: folder,
      file_lock: 'lease' as const,
      expiration: 1000,
    };
    const log = { warn: (message: string) => void warnings.push(message), error: () => {} };
    app = await Application.boot({ root: folder, clock, log, config: { session } });
    expect(await app.service('sessionManager').collect()).to.equal(2);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('1').and.not.contain(names[0]);
    for (const id of ids) expect(warnings[0]).to.not.contain(id);
  });

  it('leaves a damaged file where it is for a read-only request, and says that it failed', async () => {
    await begin();
    const id = await create();
    const [name = ''] = await sessionFiles();
    await writeFile(join(folder, name), 'not a session file, though long enough to have a header');
    expect(await failure(Session.run(id, () => {}, { readOnly: true }))).to.have.property(
      'code',
      'E_SESSION_BACKEND',
    );
    expect(await sessionFiles()).to.deep.equal([name]);
  });

  it('keeps no descriptor of a lease that could not be written', async () => {
    await begin({ file_lock: 'lease' });
    const id = await create();
    const program = `
      import { readdirSync } from 'node:fs';
      import { Application, Session } from 'blitz-session';
      const session = { handler: 'file', savePath: ${JSON.stringify(folder)}, file_lock: 'lease' };
      const app = await Application.boot({ root: ${JSON.stringify(folder)}, config: { session } });
      const codes = new Set();
      const fds = () => readdirSync('/proc/self/fd').length;
      const attempt = () => Session.run(${JSON.stringify(id)}, () => {}).catch((error) => codes.add(error.code));
      await attempt();
      const before = fds();
      for (let n = 0; n < 10; n++) await attempt();
      console.log(JSON.stringify([[...codes], fds() - before]));`;
    const node = [
      process.execPath,
      ...(process.env['TSX_TSCONFIG_PATH'] === undefined ? [] : ['--import', 'tsx']),
    ];
    const script = `trap '' XFSZ; ulimit -f 0; exec ${node.join(' ')} --input-type=module -e "$1" 2>&1 | cat`;
    const { stdout } = await run('bash', ['-c', script, 'bash', program], { cwd: REPO });
    expect(JSON.parse(stdout)).to.deep.equal([['E_SESSION_BACKEND'], 0]);
    expect((await readdir(folder)).filter((file) => file.endsWith('.lock'))).to.deep.equal([]);
  });

  it('leaves no mark on the file once whoever waited has had his turn', async () => {
    await begin();
    const id = await create({ n: 0 });
    const [name = ''] = await sessionFiles();
    const mode = async () => (await stat(join(folder, name))).mode & 0o7777;
    const worker = await Worker.start({ handler: 'file', savePath: folder, gc_probability: 0 });
    await worker.ask('hold', { id }, 'holding');
    const waits = Session.run(id, (session) => session.increment('n'));
    const wanted = performance.now() + 5000;
    while ((await mode()) === 0o600 && performance.now() < wanted) await new Promise(setImmediate);
    expect(await mode()).to.equal(0o1600);
    await worker.ask('let go');
    expect(await waits).to.equal(1);
    expect(await mode()).to.equal(0o600);
    await worker.stop();
  });

  it('waits for a lock of another process without holding up this one', async () => {
    const options = { handler: 'file' as const, savePath: folder, gc_probability: 0 };
    await begin();
    const id = await create({ n: 0 });
    const worker = await Worker.start(options);
    await worker.ask('hold', { id }, 'holding');
    const waiters = Array.from({ length: 20 }, () => Session.run(id, (session) => session.increment('n')));
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    clearInterval(ticking);
    await worker.ask('let go', {}, 'done');
    await Promise.all(waiters);
    expect(turns).to.be.above(10);
    expect(await Session.run(id, (session) => session.all())).to.deep.equal({ n: 20, held: true });
    await worker.stop();
  });
});
