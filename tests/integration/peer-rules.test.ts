import { BaseHandler, type ConfigOverrides, session } from 'blitz-session';
import type { SessionMessage } from 'blitz-session/node';
import * as php from 'blitz-session/php';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { closeSites, serve } from '../fixtures/http.ts';

type Interop = NonNullable<NonNullable<ConfigOverrides['session']>['interop']>;

/** A store of PHP's: records by the ids that cookies carry, and nothing but payloads in them. */
function phpStore() {
  const records = new Map<string, string>();
  class PhpStore extends BaseHandler {
    lastActivity: number | undefined;
    read(id: string) {
      this.lastActivity = records.has(id) ? Date.now() : undefined;
      return records.get(id) ?? '';
    }
    write(id: string, data: string) {
      records.set(id, data);
    }
    destroy(id: string) {
      records.delete(id);
    }
  }
  return { records, handler: PhpStore };
}

async function site(interop: Interop, more: object = {}) {
  const { records, handler } = phpStore();
  const served = await serve(
    async (request, response) => {
      const actions: Record<string, () => unknown> = {
        '/put': () => session({ name: 'Zoé', price: 2 }),
        '/flash': () => session().flash('status', 'Bienvenue'),
        '/show': () => session('status'),
        '/keep': async () => {
          session({ before: 1 });
          await session().regenerate();
          session({ after: 1 });
        },
        '/drop': () => session().regenerate(true),
        '/nothing': () => undefined,
      };
      const answer = await actions[(request as SessionMessage).url ?? '']?.();
      response.end(String(answer));
    },
    { session: { handler, interop, ...more } },
  );
  return { records, served };
}

const idIn = (cookie: string | undefined) => /=([^;]*)/.exec(cookie ?? '')?.[1] ?? '';

describe('the rules of a PHP peer', () => {
  afterEach(closeSites);

  it('stores under the id of the cookie, with BlitzPHP’s variables first and nothing around the payload', async () => {
    const { records, served } = await site('php');
    const reply = await served.get('/put');
    const id = idIn(reply.cookies[0]);
    expect(id).to.match(/^[0-9a-f]{32}$/);
    expect(records.get(id)).to.match(
      /^__blitz_last_regenerate\|i:\d+;_token\|s:40:"\w{40}";name\|s:4:"Zo\xc3\xa9";price\|i:2;$/,
    );
  });

  it('says CodeIgniter’s names where it shares the store, and reads them', async () => {
    const { records, served } = await site({ peer: 'codeigniter4', version: '4.7.2' });
    const visitor = served.visitor();
    const id = idIn((await visitor.get('/flash')).cookies[0]);
    expect(records.get(id)).to.match(
      /^__ci_last_regenerate\|i:\d+;status\|s:9:"Bienvenue";__ci_vars\|a:1:\{s:6:"status";s:3:"new";\}$/,
    );
    expect((await visitor.get('/show')).body).to.equal('Bienvenue');
    expect(records.get(id)).to.include('__ci_vars|a:1:{s:6:"status";s:3:"old";}');
    await visitor.get('/show');
    expect(records.get(id)).to.match(/^__ci_last_regenerate\|i:\d+;$/);
  });

  it('keeps order, floats and references of PHP beside CodeIgniter’s names', async () => {
    const { records, served } = await site({ peer: 'codeigniter4', version: '4.7.2' }, { time_to_update: 0 });
    const visitor = served.visitor();
    const id = idIn((await visitor.get('/put')).cookies[0]);
    const kept = 'b|d:1;__ci_vars|a:1:{s:1:"a";s:3:"new";}a|a:1:{i:0;i:7;}c|R:4;';
    records.set(id, kept);
    await visitor.get('/nothing');
    expect(records.get(id)).to.equal(kept.replace('new', 'old'));
  });

  it('leaves the old record with its data at a renewal, and removes it when asked', async () => {
    const { records, served } = await site('php');
    const visitor = served.visitor();
    const first = idIn((await visitor.get('/put')).cookies[0]);
    const old = records.get(first) ?? '';
    const second = idIn((await visitor.get('/keep')).cookies[0]);
    expect(second).to.not.equal(first);
    const token = /_token\|s:40:"\w{40}";/.exec(old)?.[0] ?? '-';
    expect(records.get(first)).to.include(token).and.include('before|i:1;').and.not.include('after');
    expect(records.get(second)).to.include('after|i:1;').and.not.include(token);
    const third = idIn((await visitor.get('/drop')).cookies[0]);
    expect([...records.keys()]).to.have.members([first, third]);
  });

  it('takes ids as the peer makes them, and draws another for one that nobody knows', async () => {
    const debian = 'v'.repeat(26);
    for (const [interop, good, bad] of [
      ['php', 'a'.repeat(32), debian],
      [{ peer: 'php', version: '8.2' }, debian, 'a.b/../c'.repeat(4)],
      [{ peer: 'blitzphp', version: '1.4.2' }, 'v'.repeat(32), 'A'.repeat(32)],
    ] as const) {
      const { records, served } = await site(interop);
      records.set(good, 'status|s:3:"oui";');
      const known = await served.get('/show', { headers: { cookie: `blitz_session=${good}` } });
      expect(known.body).to.equal('oui');
      records.set(bad, 'status|s:3:"non";');
      const other = await served.get('/show', { headers: { cookie: `blitz_session=${bad}` } });
      expect(other.body).to.equal('undefined');
      const unknown = 'b'.repeat(32);
      const fresh = await served.get('/nothing', { headers: { cookie: `blitz_session=${unknown}` } });
      expect(idIn(fresh.cookies[0])).to.not.equal(unknown);
      expect(records.has(unknown)).to.equal(false);
    }
  });

  it('renews the cookie as the peer does, and sends PHP’s headers against caches', async () => {
    for (const [interop, renewed] of [
      ['php', 1],
      [{ peer: 'php', version: '8.2' }, 0],
    ] as const) {
      const { served } = await site(interop);
      const visitor = served.visitor();
      const first = await visitor.get('/nothing', { headers: { 'x-requested-with': 'XMLHttpRequest' } });
      expect(first.cookies).to.have.length(1);
      const again = await visitor.get('/nothing');
      expect(again.cookies).to.have.length(renewed);
      expect(again.headers).to.include({
        'cache-control': 'no-store, no-cache, must-revalidate',
        pragma: 'no-cache',
        expires: 'Thu, 19 Nov 1981 08:52:00 GMT',
      });
      const ajax = await visitor.get('/nothing', { headers: { 'x-requested-with': 'xmlhttprequest' } });
      expect(ajax.cookies).to.have.length(0);
    }
  });

  for (const [peer, name, again] of [
    ['php', 'PHPSESSID', 0],
    ['blitzphp', 'blitz_session', 1],
  ] as const) {
    it(`${peer}: session_start() follows its rules too`, async () => {
      const { records, handler } = phpStore();
      const served = await serve(
        async (_request, response) => {
          const before = [php.session_name(), php.session_id()];
          await php.session_start();
          php.$_SESSION['n'] = ((php.$_SESSION['n'] as number | undefined) ?? 0) + 1;
          await php.session_reset();
          response.end([...before, php.ini_get('session.serialize_handler')].join(' '));
        },
        { session: { handler, interop: { peer }, cookie_name: name }, options: { start: false } },
      );
      const first = await served.get('/');
      expect(first.body).to.equal(`${name}  php`);
      expect(first.cookies).to.have.length(1);
      const [record = ''] = records.values();
      expect(record.includes('_token|')).to.equal(peer === 'blitzphp');
      const cookie = (first.cookies[0] ?? '').split(';')[0] ?? '';
      const second = await served.get('/', { headers: { cookie } });
      expect(second.cookies).to.have.length(again);
      expect(second.headers['cache-control']).to.equal('no-store, no-cache, must-revalidate');
      expect(records.size).to.equal(1);
    });
  }
});
