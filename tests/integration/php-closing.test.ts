import { session } from 'blitz-session';
import * as php from 'blitz-session/php';
import { $_SESSION, type SaveHandler } from 'blitz-session/php';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { closeSites, serve, sleep, until } from '../fixtures/http.ts';

/** Pages over a save handler: a slow one, and a quick one. */
async function site(slowly: () => Promise<unknown>) {
  const calls: string[] = [];
  const records = new Map<string, string>();
  const handler: SaveHandler = {
    open: () => void calls.push('open'),
    close: () => void calls.push('close'),
    read(id) {
      calls.push('read');
      return records.get(id) ?? '';
    },
    write(id, data) {
      calls.push('write');
      records.set(id, data);
    },
    destroy: (id) => void records.delete(id),
    gc: () => 0,
  };
  const served = await serve(
    async (request, response) => {
      php.session_set_save_handler(handler);
      await php.session_start();
      $_SESSION['seen'] = true;
      if (request.url === '/slow') await slowly();
      response.end(String(session('seen')));
    },
    { options: { start: false } },
  );
  return { served, calls, records };
}

describe('app.close() and sessions over a save handler', () => {
  afterEach(closeSites);

  it('waits for those in flight, and refuses new ones', async () => {
    let end = () => {};
    const { served, calls, records } = await site(() => new Promise<void>((resolve) => (end = resolve)));
    const slow = served.get('/slow');
    await until(() => calls.includes('read'));
    let closed = false;
    const closing = served.app.close().then(() => {
      closed = true;
    });
    const refused = await served.get('/quick');
    expect(refused.status).to.equal(503);
    await sleep(40);
    expect(closed).to.equal(false);
    end();
    expect((await slow).body).to.equal('true');
    await closing;
    expect([...records.values()]).to.deep.equal(['seen|b:1;']);
    expect(calls).to.deep.equal(['open', 'read', 'write', 'close']);
  });

  it('gives up one that does not end: nothing is written any more, and its response is an error', async () => {
    let end = () => {};
    const { served, calls, records } = await site(() => new Promise<void>((resolve) => (end = resolve)));
    const slow = served.get('/slow');
    await until(() => calls.includes('read'));
    await served.app.service('sessionManager').close(0.05);
    expect(calls).to.deep.equal(['open', 'read', 'close']);
    end();
    expect((await slow).status).to.equal(503);
    expect(records.size).to.equal(0);
    await served.app.close();
  });

  it('gives nobody a turn who still waited', async () => {
    let end = () => {};
    const { served, calls, records } = await site(() => new Promise<void>((resolve) => (end = resolve)));
    const visitor = served.visitor();
    visitor.cookie = `PHPSESSID=${'a'.repeat(32)}`;
    const slow = visitor.get('/slow');
    await until(() => calls.includes('read'));
    const waiting = visitor.get('/quick');
    await sleep(30);
    await served.app.service('sessionManager').close(0.05);
    expect((await waiting).status).to.equal(503);
    end();
    expect((await slow).status).to.equal(503);
    expect(calls).to.deep.equal(['open', 'read', 'close']);
    expect(records.size).to.equal(0);
  });
});
