import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { english, klinge, linkPackages, type Run } from '../fixtures/klinge.js';

interface About {
  readonly versions: Record<string, string | null>;
  readonly root: string;
  readonly application?: Record<string, unknown>;
  readonly store?: {
    readonly reachable: boolean;
    readonly lock?: string;
    readonly bootMilliseconds?: number;
    readonly readMilliseconds?: number;
    readonly failure?: { readonly code: string; readonly message: string };
  };
  readonly production?: readonly {
    readonly level: string;
    readonly option: string;
    readonly message: string;
  }[];
  readonly error?: { readonly code: string; readonly message: string };
}

async function about(
  root: string,
  env: Record<string, string> = {},
): Promise<About & { code: number | null }> {
  const { code, out } = await klinge(['about', '--json'], root, env);
  return { ...(JSON.parse(out) as About), code };
}

/** `warning cookie.secure`, for each thing that production still needs. */
async function findings(root: string, env: Record<string, string> = {}): Promise<string[]> {
  return ((await about(root, env)).production ?? []).map(({ level, option }) => `${level} ${option}`);
}

const GOOD = { COOKIE_SECURE: 'true' };

const custom = (body: string, more = '') => `
  export default {
    handler: class Shelf {
      ${more}
      open() {} close() {} write() {} destroy() {} gc() { return 0; }
      ${body}
    },
  };`;

describe('klinge about', () => {
  after(removeApps);

  it('tells versions, the session’s options, and that the store answers', async () => {
    const root = await appWith();
    await linkPackages(root, ['fastify']);
    const { code, versions, application, store, ...rest } = await about(root, GOOD);
    expect(code).to.equal(0);
    expect(rest.root).to.equal(root);
    expect(versions['node']).to.equal(process.versions.node);
    expect(versions['fastify']).to.match(/^\d+\.\d+\.\d+/);
    expect(versions['eta']).to.equal(null);
    expect(application).to.deep.equal({
      environment: 'production',
      handler: 'file',
      savePath: `${root}/storage/framework/session`,
      serializer: 'json',
      interop: false,
      cookie: 'blitz_session',
    });
    expect(store?.reachable).to.equal(true);
    expect(store?.lock).to.equal('flock');
    expect(store?.readMilliseconds).to.be.at.least(0);
    expect(rest.production).to.deep.equal([]);
  });

  it('says the same in words, in both languages', async () => {
    const root = await appWith();
    const french = await klinge(['about'], root, GOOD);
    expect({ code: french.code, error: french.error }).to.deep.equal({ code: 0, error: '' });
    expect(french.out).to.match(/^ {2}réponse +répond, lecture en [\d,]+ ms$/m);
    expect(french.out)
      .to.match(/^ {2}fastify +absent$/m)
      .and.include('Rien à signaler.');
    const { out } = await klinge(['about'], root, { ...GOOD, ...english });
    expect(out).to.match(/^ {2}answer +answers, read in [\d.]+ ms$/m);
    expect(out).to.include('Nothing to report.');
  });

  it('leaves no session behind', async () => {
    const root = await appWith({
      'config/session.mjs': custom(
        "read() { return ''; }",
        "constructor() { console.error('made'); }",
      ).replace('write() {}', "write() { console.error('written'); }"),
    });
    const { code, error } = await klinge(['about'], root);
    expect(code).to.equal(0);
    expect(error).to.include('made').and.not.include('written');
  });

  const failing = (run: Run, text: RegExp) => {
    expect(run.code).to.equal(1);
    expect(run.out).to.match(text);
    expect(run.out + run.error).not.to.match(/^\s+at /m);
  };

  it('a folder that cannot hold sessions: code, sentence, exit code 1', async () => {
    const root = await appWith({ sessions: 'a file' });
    const env = { ...GOOD, SESSION_SAVE_PATH: 'sessions' };
    failing(
      await klinge(['about'], root, env),
      /échec, E_SESSION_FOLDER\n +Le dossier des sessions .* est refusé/,
    );
    const { code, store } = await about(root, env);
    expect(code).to.equal(1);
    expect(store?.reachable).to.equal(false);
    expect(store?.failure?.code).to.equal('E_SESSION_FOLDER');
  });

  it('a store that starts but does not answer: the same', async () => {
    const root = await appWith({
      'config/session.mjs': custom("read() { throw new Error('out of order'); }"),
    });
    failing(await klinge(['about'], root, GOOD), /échec, E_SESSION_BACKEND\n.*« Shelf ».*out of order/);
    const { store } = await about(root, GOOD);
    expect(store?.bootMilliseconds).to.be.at.least(0);
    expect(store?.failure?.code).to.equal('E_SESSION_BACKEND');
  });

  it('an application that does not start: its own words', async () => {
    const root = await appWith({ 'app/Listeners/Broken.mjs': "throw new Error('no such luck');" });
    failing(await klinge(['about'], root, GOOD), /échec\n +no such luck/);
  });

  it('a configuration with faults: versions, then the faults', async () => {
    const root = await appWith({ 'config/session.json': '{ "grace": -1 }' });
    failing(
      await klinge(['about'], root),
      /Node\.js +\d[\s\S]*Configuration refusée :\n- config\/session\.json/,
    );
    const { code, versions, error } = await about(root);
    expect(code).to.equal(1);
    expect(versions['node']).to.equal(process.versions.node);
    expect(error?.code).to.equal('E_SESSION_CONFIG');
  });

  it('never shows the password of a store', async () => {
    const root = await appWith({
      'config/session.mjs': custom("read() { return ''; }").replace(
        'handler:',
        "savePath: 'shelf://me:Opensesame1@db/1',\nhandler:",
      ),
    });
    for (const args of [['about'], ['about', '--json']]) {
      const { out } = await klinge(args, root);
      expect(out).to.include('shelf://•••@db/1').and.not.include('Opensesame1');
    }
  });
});

describe('klinge about: what production still needs', () => {
  let root: string;
  before(async () => {
    root = await appWith();
  });
  after(removeApps);

  for (const [env, found] of [
    [{ COOKIE_SECURE: 'true' }, []],
    [{}, ['warning cookie.secure']],
    [{ COOKIE_SECURE: 'auto' }, ['hint app.trust_proxy']],
    [{ COOKIE_SECURE: 'auto', APP_TRUST_PROXY: '1' }, []],
    [{ ...GOOD, SESSION_MATCH_IP: 'true' }, ['hint app.trust_proxy']],
    [{ ...GOOD, NODE_ENV: 'development' }, ['warning app.env']],
    [{ ...GOOD, APP_ENV: 'staging' }, []],
    [{ ...GOOD, NODE_ENV: 'test' }, ['warning app.env', 'warning session.handler']],
    [{ ...GOOD, SESSION_HANDLER: 'array' }, ['warning session.handler']],
    [{ ...GOOD, COOKIE_SAMESITE: 'None' }, ['warning cookie.samesite']],
    [{ ...GOOD, SESSION_SAVE_PATH: 'public/sessions' }, ['warning session.savePath']],
    [{ ...GOOD, SESSION_SAVE_PATH: 'publicity/sessions' }, []],
    [{ ...GOOD, SESSION_FILE_TRUST_FOLDER: 'true' }, ['hint session.file_trust_folder']],
    [{ ...GOOD, SESSION_EXPIRATION: '7776000' }, ['hint session.expiration']],
    [{ ...GOOD, SESSION_EXPIRATION: '7776000', SESSION_ABSOLUTE_EXPIRATION: '86400' }, []],
    [{ ...GOOD, SESSION_GC_PROBABILITY: '0' }, ['hint session.gc_probability']],
    [{ ...GOOD, SESSION_LOCK_WAIT: '120' }, ['hint session.lock_wait']],
    [{ ...GOOD, SESSION_LOCK_TTL: '1' }, []],
  ] as const) {
    it(`${JSON.stringify(env)}: ${found.join(', ') || 'nothing'}`, async () => {
      expect(await findings(root, env)).to.deep.equal(found);
    });
  }

  it('a lease that is too short', async () => {
    const env = {
      ...GOOD,
      SESSION_FILE_LOCK: 'lease',
      SESSION_SAVE_PATH: 'leases',
      SESSION_LOCK_TTL: '1',
    };
    expect(await findings(root, env)).to.deep.equal(['hint session.lock_ttl']);
  });

  it('a temporary folder, unless the whole application is being tried out there', async () => {
    const place = join(root, 'tmp');
    await mkdir(place, { recursive: true });
    const env = { ...GOOD, SESSION_SAVE_PATH: 'tmp/sessions' };
    expect(await findings(root, env)).to.deep.equal([]);
    // The application itself lies in the machine's temporary folder, but not in this one.
    expect(await findings(root, { ...env, TMPDIR: place })).to.deep.equal(['warning session.savePath']);
  });

  it('a folder that is trusted although others can write to it', async () => {
    const folder = join(root, 'open');
    await mkdir(folder);
    await chmod(folder, 0o777);
    const env = { ...GOOD, SESSION_SAVE_PATH: 'open', SESSION_FILE_TRUST_FOLDER: 'true' };
    expect(await findings(root, env)).to.deep.equal(['warning session.file_trust_folder']);
  });

  it('a handler without a lock between processes', async () => {
    const own = await appWith({ 'config/session.mjs': custom("read() { return ''; }") });
    expect(await findings(own, GOOD)).to.deep.equal(['hint session.handler']);
    const locking = await appWith({ 'config/session.mjs': custom("read() { return ''; }", 'locks = true;') });
    expect(await findings(locking, GOOD)).to.deep.equal([]);
    expect((await about(locking, GOOD)).store?.lock).to.equal('store');
  });

  it('is said in words, with the way out', async () => {
    const { code, out } = await klinge(['about'], root, { NODE_ENV: 'development' });
    expect(code).to.equal(0);
    expect(out).to.match(/^ {2}à corriger {2}cookie\.secure vaut false : .+ Mettez true/m);
    expect((await klinge(['about'], root, english)).out).to.match(
      /^ {2}to correct {2}cookie\.secure is false: /m,
    );
  });
});
