import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Application, ERROR_CODES, Services, Session, type Store, sentence } from 'blitz-session';
import { ManualClock } from 'blitz-session/testing';
import { expect } from 'chai';

// Below the repository, so that the files of the application find the package by its name.
const PLACE = fileURLToPath(new URL('../../storage/boot-tests', import.meta.url));

describe('Application.boot', () => {
  let root: string;
  let count = 0;
  const open: Application[] = [];

  beforeEach(async () => {
    root = join(PLACE, `${process.pid}-${count++}`);
    await mkdir(root, { recursive: true });
  });

  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
    await rm(root, { recursive: true });
  });

  async function file(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }

  async function boot(options: Parameters<typeof Application.boot>[0] = {}): Promise<Application> {
    const app = await Application.boot({ root, ...options });
    open.push(app);
    return app;
  }

  it('finds listeners in app/Listeners and app/Events, at any depth, and emits app:init before sessions', async () => {
    const listener = (name: string) => `
      import type { EventManagerInterface } from 'blitz-session';
      export class ${name} {
        listen(event: EventManagerInterface) {
          event.on('app:init', () => { (globalThis as Record<string, unknown>)['heard_${name}'] = true; });
        }
      }
      export const notAListener = { listen: 1 };`;
    await file('app/Listeners/OneListener.ts', listener('One'));
    await file('app/Listeners/deep/TwoListener.ts', listener('Two'));
    await file('app/Events/ThreeListener.ts', listener('Three'));
    await boot();
    for (const name of ['One', 'Two', 'Three']) expect(globalThis).to.have.property(`heard_${name}`, true);
  });

  it('registers handlers by a listener, before the name is looked up', async () => {
    await file(
      'app/Listeners/HandlersListener.ts',
      `import { BaseHandler, type EventManagerInterface, Session } from 'blitz-session';
       const kept = new Map<string, string>();
       class ShelfHandler extends BaseHandler {
         read(id: string) { return kept.get(id) ?? ''; }
         write(id: string, data: string) { kept.set(id, data); }
         destroy(id: string) { kept.delete(id); }
       }
       export default class HandlersListener {
         listen(event: EventManagerInterface) {
           event.on('app:init', () => Session.extend('shelf', ShelfHandler));
         }
       }`,
    );
    await file('config/session.ts', `export default { handler: 'shelf' };`);
    await boot();
    const id = await Session.run(undefined, (session) => {
      session.put('a', 1);
      return session.id;
    });
    expect(await Session.run(id, (session) => session.get('a'))).to.equal(1);
  });

  it('names the handlers that are known when one is not', async () => {
    const failed = await boot({ config: { session: { handler: 'shelf' as 'file' } } }).catch(
      (error: Error) => error,
    );
    expect(failed).to.have.property('code', 'E_SESSION_HANDLER');
    expect((failed as Error).message)
      .to.contain('array')
      .and.to.contain('file')
      .and.to.contain('Session.extend');
  });

  it('lets an error of a listener through', async () => {
    await file(
      'app/Listeners/BadListener.ts',
      `export class Bad { listen() { throw new Error('of the listener'); } }`,
    );
    const failed = await boot().catch((error: Error) => error);
    expect(failed).to.be.instanceOf(Error).with.property('message', 'of the listener');
  });

  it('adds the services of config/services.ts', async () => {
    await file(
      'config/services.ts',
      `import { session } from 'blitz-session';
       class Cart { add(item: string) { session().push('cart', item); } }
       export default { cart: () => new Cart(), greeting: (name = 'monde') => ({ text: 'Bonjour ' + name }) };`,
    );
    await boot();
    const { service, singleService } = await import('blitz-session');
    const id = await Session.run(undefined, (session) => {
      service<{ add(item: string): void }>('cart').add('pain');
      return session.id;
    });
    expect(await Session.run(id, (session) => session.get('cart'))).to.deep.equal(['pain']);
    expect(service('cart')).to.equal(service('cart'));
    expect(singleService('cart')).to.not.equal(service('cart'));
    expect(service<{ text: string }>('greeting', 'Ada').text).to.equal('Bonjour Ada');
    expect((Services as unknown as Record<string, () => unknown>)['cart']?.()).to.equal(service('cart'));
  });

  it('tells listeners about sessions, without ids', async () => {
    // No time passes: on a busy machine reading a file may take long enough to be told as a wait.
    const app = await boot({ clock: new ManualClock() });
    const heard: string[] = [];
    app.service('event').on('*', (event) => {
      heard.push(event.name);
      expect(JSON.stringify(event.params)).to.not.match(/[0-9a-f]{32}/);
    });
    const id = await Session.run(undefined, (session) => {
      session.put('a', 1);
      return session.id;
    });
    expect(heard).to.deep.equal(['session:started', 'session:created', 'session:closed']);
    heard.length = 0;
    const renewed = await Session.run(id, async (session: Store) => {
      await session.regenerate();
      return session.id;
    });
    expect(heard).to.deep.equal(['session:started', 'session:regenerated', 'session:closed']);
    heard.length = 0;
    await Session.run(renewed, (session) => session.destroy());
    expect(heard).to.deep.equal(['session:started', 'session:destroyed']);
  });

  it('reports a failing listener of a session event, and keeps the session', async () => {
    const errors: string[] = [];
    const app = await boot({ log: { warn: () => {}, error: (message) => void errors.push(message) } });
    app.service('event').on('session:started', () => {
      throw new Error('of the listener');
    });
    expect(await Session.run(undefined, () => 'done')).to.equal('done');
    expect(errors).to.have.length(1);
  });

  it('lets two applications that start together register handlers each of its own', async () => {
    const listener = (name: string) => `
      import { BaseHandler, type EventManagerInterface, Session } from 'blitz-session';
      class ${name} extends BaseHandler { read() { return ''; } write() {} destroy() {} }
      export class Listener {
        listen(event: EventManagerInterface) {
          event.on('app:init', async () => {
            await new Promise((resolve) => setTimeout(resolve, 20));
            Session.extend('${name}', ${name});
          });
        }
      }`;
    await file('one/app/Listeners/L.ts', listener('one'));
    await file('two/app/Listeners/L.ts', listener('two'));
    const apps = await Promise.all(
      ['one', 'two'].map((name) =>
        boot({ root: join(root, name), config: { session: { handler: name as 'file' } } }),
      ),
    );
    const [one, two] = apps.map((app) => app.service('handlers').names());
    expect(one).to.include('one').and.not.include('two');
    expect(two).to.include('two').and.not.include('one');
  });

  it('leaves nothing behind that follows the promises of requests with `context: false`', async () => {
    const script = fileURLToPath(new URL('../fixtures/contexts.mjs', import.meta.url));
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env });
    expect(stdout).to.equal('1\n');
  });

  it('waits no longer than operation_timeout for a listener of a session event', async () => {
    const errors: string[] = [];
    const app = await boot({
      log: { warn: () => {}, error: (message) => void errors.push(message) },
      config: { session: { operation_timeout: 0.05 } },
    });
    app.service('event').on('session:closed', () => new Promise(() => {}));
    expect(await Session.run(undefined, () => 'done')).to.equal('done');
    expect(errors).to.have.length(1);
  });

  it('speaks French, or English where BLITZ_LANG says so, in every sentence', () => {
    const [lang, env] = [process.env['LANG'], process.env['BLITZ_LANG']];
    try {
      for (const code of ERROR_CODES) {
        process.env['BLITZ_LANG'] = 'fr';
        const french = sentence(code, {});
        process.env['BLITZ_LANG'] = 'en';
        const english = sentence(code, {});
        expect(french).to.not.equal(english);
        for (const text of [french, english]) expect(text.length).to.be.above(20);
      }
      delete process.env['BLITZ_LANG'];
      process.env['LANG'] = 'de_DE.UTF-8';
      expect(sentence('E_APP_NOT_BOOTED', {})).to.contain('application n');
    } finally {
      restore('LANG', lang);
      restore('BLITZ_LANG', env);
    }
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
