import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { Application } from 'blitz-session';
import { expect } from 'chai';
import fc from 'fast-check';
import { temporaryFolder } from '../fixtures/processes.ts';

const CASES = 12_000;
const NAME = 'blitz_session';
const FILE = /^blitz_session_[0-9a-f]{64}\.blitz$/;

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((c) => c.join(''));

const id = fc.oneof(
  hex(32),
  hex(32).map((text) => text.toUpperCase()),
  hex(31),
  hex(64),
  fc.constantFrom(
    '../../etc/passwd',
    '..',
    '.',
    '/',
    '..%2f..%2f',
    'con',
    '%00',
    'deleted',
    '-1',
    '__proto__',
    'a%61',
  ),
  hex(32).map((text) => `../${text.slice(3)}`),
  hex(32).map((text) => `${text.slice(0, 16)}\0${text.slice(17)}`),
  hex(32).map((text) => `${text}\n`),
  hex(32).map((text) => [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')),
  hex(32).map((text) => `"${text}"`),
  hex(32).map((text) => text.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.integer({ min: 1, max: 100_000 }).map((length) => 'a'.repeat(length)),
);

const header = fc.oneof(
  id.map((value) => `${NAME}=${value}`),
  fc.tuple(id, id).map(([a, b]) => `${NAME}=${a}; ${NAME}=${b}`),
  fc.tuple(fc.string({ maxLength: 20 }), id).map(([other, value]) => `${other}=x; ${NAME}=${value}`),
  id.map((value) => `${NAME}[]=${value}`),
  id.map((value) => `x${NAME}=${value}; ${NAME}x=${value}`),
  id.map((value) => `${NAME} = ${value} ;`),
  fc.string({ unit: 'binary', maxLength: 500 }),
);

describe('hostile cookies', () => {
  let folder: string;
  let app: Application;

  before(async () => {
    folder = await temporaryFolder();
    const session = { handler: 'file' as const, savePath: folder, gc_probability: 0 };
    app = await Application.boot({ root: folder, config: { session } });
  });

  after(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  it(`never become a path, an adopted id or another visitor's session (${CASES} cases)`, async function () {
    this.timeout(120_000);
    const [manager, cookie] = [app.service('sessionManager'), app.service('sessionCookie')];
    const known = await manager.open({});
    known.store.put('secret', 'of somebody else');
    await manager.finish(known);
    let sessions = 1;
    await fc.assert(
      fc.asyncProperty(header, async (text) => {
        const presented = cookie.read(text);
        const session = await manager.open({ id: presented });
        expect(session.id).to.match(/^[0-9a-f]{32}$/);
        expect(session.id).to.not.equal(presented);
        expect(session.store.all()).to.deep.equal({});
        await manager.finish(session);
        sessions++;
        if (presented !== undefined) {
          const adopted = createHash('sha256').update(presented).digest('hex');
          expect(await manager.find(presented)).to.equal(undefined);
          expect(adopted).to.not.equal(createHash('sha256').update(session.id).digest('hex'));
        }
      }),
      { numRuns: CASES },
    );
    const files = (await readdir(folder)).filter((name) => !name.startsWith('.blitz-lock'));
    expect(files.every((name) => FILE.test(name))).to.equal(true);
    expect(files).to.have.length(sessions);
    expect(await manager.find(known.id)).to.equal(known.id);
  });
});
