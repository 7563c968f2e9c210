import { once } from 'node:events';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { english, Klinge, klinge, linkPackages } from '../fixtures/klinge.js';

const ROUTES = `
import { Route, session } from 'blitz-session';
import { setTimeout as sleep } from 'node:timers/promises';

Route.get('/', () => 'visit ' + session().increment('visits'));
Route.get('/env', () => process.env.NODE_ENV ?? 'none');
Route.get('/pid', () => String(process.pid));
Route.get('/slow/{ms}', async (ms) => {
  console.log('slow begins');
  await sleep(Number(ms));
  return 'slow ends';
});
export default undefined;
`;

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Waits until there is no process of this number. */
async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (isThere(pid) && Date.now() < deadline) await sleep(50);
  expect(isThere(pid)).to.equal(false);
}

describe('klinge serve', () => {
  const running: Klinge[] = [];
  afterEach(async () => {
    for (const each of running.splice(0)) {
      if (each.child.exitCode === null) each.child.kill('SIGKILL');
      await each.ended;
    }
  });
  after(removeApps);

  async function app(files: Record<string, string> = {}): Promise<string> {
    const root = await appWith({ 'config/routes.mjs': ROUTES, ...files });
    await linkPackages(root);
    return root;
  }

  function serve(root: string, args: string[] = ['--port', '0'], env: Record<string, string> = {}): Klinge {
    const served = new Klinge(['serve', ...args], root, env);
    running.push(served);
    return served;
  }

  const text = async (url: string, path = '') => (await fetch(new URL(path, url))).text();

  it('answers with the application of the current directory, and ends on SIGTERM and SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const served = serve(await app());
      const url = await served.url();
      expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      expect(await text(url)).to.equal('visit 1');
      served.child.kill(signal);
      expect(await served.ended).to.equal(0);
      expect(served.out).to.match(
        /^L’application vous attend : \S+ \(Ctrl\+C pour l’arrêter\)\nArrêt : .+\n/,
      );
      expect(served.out).to.match(/Application arrêtée\.\n$/);
      expect(served.error).to.equal('');
    }
  });

  it('takes its address from --host and --port, else the environment, else .env', async () => {
    const root = await app({ '.env': 'HOST=localhost\nPORT=1\n' });
    const first = serve(root, [], { PORT: '0' });
    expect(await first.url()).to.match(/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\d{2,}\/$/);
    const second = serve(root, ['--host', '127.0.0.1', '--port', '0'], { PORT: '2' });
    expect(await second.url()).to.match(/^http:\/\/127\.0\.0\.1:\d{2,}\/$/);
  });

  it('lets the requests in flight end', async () => {
    const served = serve(await app());
    const url = await served.url();
    const slow = fetch(new URL('/slow/800', url));
    await served.says(/slow begins/);
    served.child.kill('SIGTERM');
    const answer = await slow;
    expect([answer.status, await answer.text()]).to.deep.equal([200, 'slow ends']);
    expect(answer.headers.getSetCookie()).to.have.lengthOf(1);
    expect(await served.ended).to.equal(0);
  });

  it('takes the echo of a signal for one, and ends at once at a second signal', async () => {
    const served = serve(await app());
    const url = await served.url();
    const slow = fetch(new URL('/slow/60000', url)).catch(() => 'cut');
    await served.says(/slow begins/);
    served.child.kill('SIGINT');
    await sleep(100);
    served.child.kill('SIGINT');
    await sleep(700);
    expect(served.child.exitCode).to.equal(null);
    served.child.kill('SIGINT');
    expect(await served.ended).to.equal(1);
    expect(await slow).to.equal('cut');
  });

  it('ends well when it is told to as soon as it says its address', async () => {
    const early = `const { log } = console;
console.log = (text) => { log(text); if (text.includes('http://')) process.kill(process.pid, 'SIGTERM'); };`;
    const preload = `--import data:text/javascript,${encodeURIComponent(early)}`;
    const served = serve(await app(), ['--port', '0'], { NODE_OPTIONS: preload });
    expect(await served.ended).to.equal(0);
  });

  it('ends although the application left a timer running', async () => {
    const root = await app({ 'app/Listeners/Timer.mjs': 'setInterval(() => {}, 1000);' });
    const served = serve(root);
    await served.url();
    served.child.kill('SIGTERM');
    expect(await served.ended).to.equal(0);
  });

  it('outlives a promise that fails with nobody waiting; ends well after an exception that nobody caught', async () => {
    const root = await app({
      'config/routes.mjs': `${ROUTES}
Route.get('/stray', () => { Promise.reject(new Error('stray promise')); return 'answered'; });
Route.get('/fatal', () => { setTimeout(() => { throw new Error('fatal timer'); }, 1); return 'answered'; });`,
    });
    const served = serve(root);
    const url = await served.url();
    expect(await (await fetch(`${url}stray`)).text()).to.equal('answered');
    expect(await (await fetch(url)).text()).to.equal('visit 1');
    const slow = fetch(`${url}slow/300`).then((answer) => answer.text());
    await served.says(/slow begins/);
    expect(await (await fetch(`${url}fatal`)).text()).to.equal('answered');
    expect(await slow).to.equal('slow ends');
    expect(await served.ended).to.equal(1);
    expect(served.error).to.include('stray promise').and.include('fatal timer');
  });

  it('below npm, whose shell keeps signals to itself: ends with the shell', async () => {
    const env = { npm_lifecycle_event: 'npx' };
    const shell = new Klinge(['serve', '--port', '0'], await app(), env, ['sh', '-c', '"$@"; true', 'sh']);
    running.push(shell);
    const pid = Number(await text(await shell.url(), '/pid'));
    shell.child.kill('SIGKILL');
    await gone(pid);
    expect(shell.out).to.match(/Application arrêtée\.\n$/);
  });

  it('goes on when nobody reads its output any more', async () => {
    const served = serve(await app());
    const url = await served.url();
    served.child.stdout?.destroy();
    expect(await text(url, '/slow/1')).to.equal('slow ends');
    expect(await text(url, '/slow/1')).to.equal('slow ends');
    served.child.kill('SIGTERM');
    expect(await served.ended).to.equal(0);
  });

  describe('what prevents the start: one sentence, exit code 1', () => {
    const refused = async (args: string[], env: Record<string, string> = {}, files = {}) => {
      const { code, out, error } = await klinge(['serve', ...args], await app(files), env);
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(error).not.to.match(/^\s+at /m);
      return error;
    };

    it('a port that is taken', async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      try {
        expect(await refused(['--port', String(port)])).to.match(
          new RegExp(`^Le serveur n'a pas pu s'ouvrir : le port ${port} de 127\\.0\\.0\\.1 est déjà pris\\.`),
        );
      } finally {
        server.close();
      }
    });

    it('an address of another machine', async () => {
      const error = await refused(['--host', '192.0.2.1', '--port', '0'], english);
      expect(error).to.match(
        /^The server could not open: this machine does not have the address "192\.0\.2\.1"/,
      );
    });

    it('a port that is none', async () => {
      expect(await refused([], { PORT: '80a' })).to.include('PORT vaut « 80a »');
      expect(await refused(['--port', '65536'], english)).to.include('--port is "65536"');
    });

    it('a configuration with faults', async () => {
      const files = { 'config/session.json': '{ "grace": -1 }' };
      expect(await refused(['--port', '0'], {}, files)).to.match(
        /^Configuration refusée :\n- config\/session/,
      );
    });
  });

  it('an error of the application itself keeps its stack', async () => {
    const root = await app({ 'app/Listeners/Broken.mjs': "throw new Error('no such luck');" });
    const { code, error } = await klinge(['serve', '--port', '0'], root);
    expect(code).to.equal(1);
    expect(error).to.match(/^Error: no such luck\n\s+at .*Broken\.mjs:1/);
  });

  describe('--watch', () => {
    const WATCH = ['--watch', '--port', '0'];
    /** Runs `change`, and waits for the address of the application that is started after it. */
    async function restarted(served: Klinge, change: () => Promise<unknown>): Promise<string> {
      const from = served.out.length;
      await change();
      return served.url(from);
    }

    it('starts the application again at each change, and says which', async () => {
      const root = await app();
      const path = (name: string) => join(root, name);
      const served = serve(root, WATCH);
      await served.url();
      const routes = ROUTES.replace("'visit '", "'passage '");
      let from = served.out.length;
      const second = await restarted(served, () => writeFile(path('config/routes.mjs'), routes));
      expect(await text(second)).to.equal('passage 1');
      expect(served.out.slice(from)).to.match(
        /^Changement : config\/routes\.mjs\. L’application est relancée…\n/,
      );

      // As editors save: another file takes the name. Twice, for a watcher of files would not see the second.
      for (const word of ['tour', 'fois']) {
        const url = await restarted(served, async () => {
          await writeFile(path('config/routes.mjs.new'), ROUTES.replace("'visit '", `'${word} '`));
          await rename(path('config/routes.mjs.new'), path('config/routes.mjs'));
        });
        expect(await text(url)).to.equal(`${word} 1`);
      }

      // A folder that was not there, a file in it, and the same once the folder has gone and come back.
      for (let turn = 0; turn < 2; turn++) {
        from = served.out.length;
        await restarted(served, async () => {
          await mkdir(path('app/Listeners/Deep'), { recursive: true });
          await writeFile(path('app/Listeners/Deep/One.mjs'), 'export {};');
        });
        await restarted(served, () => writeFile(path('app/Listeners/Deep/One.mjs'), 'export {}; //'));
        expect(served.out.slice(from)).to.include('app/Listeners/Deep/One.mjs');
        if (turn === 0) await restarted(served, () => rm(path('app'), { recursive: true }));
      }
      await restarted(served, () => writeFile(path('.env'), 'APP_ENV=staging\n'));
      const url = await restarted(served, async () => {
        await mkdir(path('public'));
        await writeFile(path('public/hello.txt'), 'hello');
      });
      expect(await text(url, '/hello.txt')).to.equal('hello');
      served.child.kill('SIGTERM');
      expect(await served.ended).to.equal(0);
    });

    it('does not start again for what the application writes, nor for a public file that changes', async () => {
      const root = await app({ 'public/style.css': 'a {}' });
      const served = serve(root, WATCH);
      const url = await served.url();
      await text(url);
      const from = served.out.length;
      await writeFile(join(root, 'storage/log.txt'), 'a');
      await writeFile(join(root, 'public/style.css'), 'b {}');
      await sleep(600);
      expect(served.out.slice(from)).to.equal('');
      expect(await text(url, '/style.css')).to.equal('b {}');
    });

    it('takes development for NODE_ENV unless something else is said', async () => {
      for (const [env, files, expected] of [
        [{}, {}, 'development'],
        [{ NODE_ENV: 'production' }, {}, 'production'],
        [{}, { '.env': 'NODE_ENV=production' }, 'none'],
      ] as const) {
        const served = serve(await app(files), WATCH, env);
        expect(await text(await served.url(), '/env')).to.equal(expected);
      }
    });

    it('shows why the application does not start, and starts it at the next change', async () => {
      const root = await app({ 'config/session.json': '{ "grace": -1 }' });
      const served = serve(root, WATCH);
      await served.says(
        /L’application s’est arrêtée \(code 1\)\. Elle sera relancée au prochain changement\./,
      );
      expect(served.error).to.match(/^Configuration refusée :/);
      const fixed = await restarted(served, () =>
        writeFile(join(root, 'config/session.json'), '{ "grace": 1 }'),
      );
      expect(await text(fixed)).to.equal('visit 1');
    });

    it('does not wait for ever for a request in flight before it restarts', async () => {
      const root = await app();
      const served = serve(root, WATCH);
      const slow = fetch(new URL('/slow/60000', await served.url())).catch(() => 'cut');
      await served.says(/slow begins/);
      await restarted(served, () => writeFile(join(root, 'config/app.json'), '{}'));
      expect(await slow).to.equal('cut');
    });

    it('passes signals on: the requests in flight end, and nobody is left', async () => {
      const served = serve(await app(), WATCH);
      const url = await served.url();
      const pid = Number(await text(url, '/pid'));
      const slow = fetch(new URL('/slow/800', url));
      await served.says(/slow begins/);
      served.child.kill('SIGINT');
      expect(await (await slow).text()).to.equal('slow ends');
      expect(await served.ended).to.equal(0);
      expect(isThere(pid)).to.equal(false);
    });

    it('a second signal ends both at once', async () => {
      const served = serve(await app(), WATCH);
      const url = await served.url();
      const pid = Number(await text(url, '/pid'));
      const slow = fetch(new URL('/slow/60000', url)).catch(() => 'cut');
      await served.says(/slow begins/);
      served.child.kill('SIGINT');
      await sleep(700);
      served.child.kill('SIGINT');
      expect(await served.ended).to.equal(1);
      expect(await slow).to.equal('cut');
      expect(isThere(pid)).to.equal(false);
    });

    it('leaves no orphan when it is killed itself', async () => {
      const served = serve(await app(), WATCH);
      const pid = Number(await text(await served.url(), '/pid'));
      expect(isThere(pid)).to.equal(true);
      served.child.kill('SIGKILL');
      await served.ended;
      await gone(pid);
    });

    it('ends also while no application runs', async () => {
      const root = await app({ 'config/session.json': '{ "grace": -1 }' });
      const served = serve(root, WATCH);
      await served.says(/au prochain changement/);
      served.child.kill('SIGTERM');
      expect(await served.ended).to.equal(0);
      expect(await readFile(join(root, 'config/session.json'), 'utf8')).to.include('grace');
    });
  });
});
