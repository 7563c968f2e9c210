import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PhpObject, phpSerializer, Session, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { HANDLERS } from '../fixtures/php/payloads.ts';
import { bootStore, closeStore, refusedAtOnce, Visitor } from '../fixtures/store-app.ts';

describe('serialize_handler: the formats of PHP', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blitz-formats-'));
  });

  afterEach(async () => {
    await closeStore();
    await rm(folder, { recursive: true, force: true });
  });

  const file = async () =>
    join(folder, (await readdir(folder)).find((name) => name.endsWith('.blitz')) as string);

  for (const serialize_handler of HANDLERS) {
    const places: Record<string, () => SessionOptions> = {
      array: () => ({ serialize_handler }),
      file: () => ({ serialize_handler, handler: 'file', savePath: folder }),
    };
    for (const [handler, options] of Object.entries(places)) {
      it(`${serialize_handler} on ${handler}: values, flash, temporary ones, lists`, async () => {
        await bootStore(options());
        const visitor = new Visitor();
        await visitor.request((session) => {
          session.put({ user: { name: 'Éloïse', tags: ['a'] }, big: 2n ** 60n, bytes: Buffer.from([0xff]) });
          session.put('prefs.color', 'red');
          session.flash('status', 'La tâche a réussi !');
          session.temp('code', 42, 60);
        });
        await visitor.request((session) => {
          expect(session.get('user.name')).to.equal('Éloïse');
          expect(session.get('big')).to.equal(2n ** 60n);
          expect((session.get('bytes') as Buffer).equals(Buffer.from([0xff]))).to.equal(true);
          expect(session.get('status')).to.equal('La tâche a réussi !');
          session.push('user.tags', 'b');
          session.increment('visits');
          session.remove('prefs.color');
        });
        await visitor.request((session) => {
          expect(session.get('user.tags')).to.deep.equal(['a', 'b']);
          expect(session.has('status')).to.equal(false);
          expect(session.get('code')).to.equal(42);
          expect(session.get('visits')).to.equal(1);
          // Emptied, it is PHP's empty array, a list: a name makes an object of it again.
          expect(session.get('prefs')).to.deep.equal([]);
          session.put('prefs.color.dark', 'blue');
          expect(session.get('prefs.color.dark')).to.equal('blue');
        });
        await visitor.request((session) => {
          expect(session.get('prefs')).to.deep.equal({ color: { dark: 'blue' } });
          session.flash('again', 1);
        });
        await visitor.request((session) => expect(session.get('again')).to.equal(1));
      });
    }

    it(`${serialize_handler}: an object of PHP goes through a request unchanged`, async () => {
      await bootStore({ serialize_handler, handler: 'file', savePath: folder });
      const visitor = new Visitor();
      const object = 'O:4:"User":3:{s:2:"id";i:7;s:4:"\0*\0y";a:1:{i:0;d:1;}s:2:"me";r:1;}';
      const { user } = phpSerializer('php').decode(`user|${object}`);
      await visitor.request((session) => session.put({ user, last: 1 }));
      await visitor.request((session) => {
        const read = session.get<PhpObject>('user');
        expect(read).to.be.instanceOf(PhpObject);
        expect([read?.get('id'), read?.get('y'), read?.get('me')]).to.deep.equal([7, [1], read]);
        session.put('seen', true);
      });
      const text = await readFile(await file(), 'latin1');
      const number = /r:(\d+);/.exec(text)?.[1];
      expect(text).to.contain(object.replace('r:1;', `r:${number};`));
      await visitor.request((session) => {
        const read = session.get<PhpObject>('user');
        expect(read?.get('me')).to.equal(read);
      });
    });
  }

  it('what PHP would lose is refused at put and at the end of the request', async () => {
    await bootStore({ serialize_handler: 'php' });
    const visitor = new Visitor();
    await visitor.request((session) => {
      for (const [key, value] of [
        ['a|b', 1],
        ['5', 1],
        ['when', new Date()],
      ] as const) {
        refusedAtOnce(() => session.put(key, value), 'E_SESSION_VALUE');
      }
      session.put('list', []);
    });
    let code: unknown;
    await visitor
      .request((session) => session.get<unknown[]>('list')?.push(new Map()))
      .catch((error: { code: string }) => {
        code = error.code;
      });
    expect(code).to.equal('E_SESSION_VALUE');
    await Session.run(visitor.id, (session) => expect(session.get('list')).to.deep.equal([]));
  });
});
