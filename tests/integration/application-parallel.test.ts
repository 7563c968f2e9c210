import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Browser, Running, tokenIn, wordsOf } from '../fixtures/sample-app.ts';

const WRITES = 20;

describe('the sample application: writes at the same time', () => {
  let folder = '';
  let app: Running;
  let visitor: Browser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blitz-app-'));
    app = await Running.start({ SESSION_SAVE_PATH: folder });
  });

  beforeEach(() => {
    visitor = new Browser(app.base);
  });

  after(async () => {
    await app?.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** As public/parallel.js does it. */
  async function run(writes = WRITES): Promise<string> {
    const token = tokenIn(await visitor.text('/parallele'));
    const send = (path: string) =>
      visitor.send(path, {
        method: 'POST',
        headers: { 'x-csrf-token': token, 'x-requested-with': 'XMLHttpRequest' },
      });
    const { cle } = JSON.parse((await send('/parallele')).text) as { cle: string };
    const numbers = Array.from({ length: writes }, (_, at) => at + 1);
    const locked = await Promise.all(numbers.map((number) => send(`/parallele/session/${number}`)));
    const unlocked = await Promise.all(numbers.map((number) => send(`/parallele/memoire/${cle}/${number}`)));
    expect([...locked, ...unlocked].every(({ status }) => status === 204)).to.equal(true);
    expect(unlocked.flatMap(({ headers }) => headers.getSetCookie())).to.deep.equal([]);
    return cle;
  }

  it('keeps all of twenty parallel writes, where a store without a lock loses most', async () => {
    await run();
    const { status, text } = await visitor.get('/parallele/bilan');
    expect(status).to.equal(200);
    expect(text).to.include('data-kept="20"').and.include('data-writes="20"');
    const kept = Number(/data-memory="(\d+)"/.exec(text)?.[1]);
    expect(kept).to.be.within(1, WRITES - 1);
    const [, first = '', second = ''] = text.split('<table>');
    expect(first.match(/<td>gardée<\/td>/g)).to.have.lengthOf(WRITES);
    expect(second.match(/<td>perdue<\/td>/g)).to.have.lengthOf(WRITES - kept);
    expect(wordsOf(await visitor.text('/session'))).to.match(/essai.*ordre: \[(?: *\d+,?){20} *\]/);
  });

  it('measures what it draws: nobody begins before the one before has written', async () => {
    await run();
    const [, table = ''] = (await visitor.text('/parallele/bilan')).split('<table>');
    const times = [...table.matchAll(/<tr><th scope="row">\d+<\/th>(.*?)<\/tr>/g)].map(([, cells = '']) =>
      [...cells.matchAll(/<td>([\d,]+)\u00a0ms/g)].map(([, time = '']) => Number(time.replace(',', '.'))),
    );
    const turns = times
      .map(([arrived = 0, waited = 0, written = 0]) => ({ began: arrived + waited, written }))
      .sort((one, other) => one.written - other.written);
    expect(turns).to.have.lengthOf(WRITES);
    turns.slice(1).forEach(({ began }, at) => {
      // Three rounded figures.
      expect(began).to.be.at.least((turns[at]?.written ?? 0) - 0.2);
    });
  });

  it('shows the run again on its page and on the home page, without a script', async () => {
    expect(await visitor.text('/')).to.include('Schéma de vingt requêtes');
    await run();
    for (const path of ['/', '/parallele']) {
      const page = wordsOf(await visitor.text(path));
      expect(page).to.include('Avec le verrou de la session 20 sur 20');
    }
    expect(await visitor.text('/')).to.include('Votre dernier essai');
    expect(await new Browser(app.base).text('/')).not.to.include('Votre dernier essai');
  });

  it('has nothing to show of a run that was not whole, or of nobody', async () => {
    expect((await visitor.get('/parallele/bilan')).status).to.equal(404);
    await run(3);
    expect((await visitor.get('/parallele/bilan')).status).to.equal(404);
  });

  it('writes only under a key that it gave, and each number from 1 to 20 once', async () => {
    const cle = await run(1);
    const post = (path: string) => visitor.send(path, { method: 'POST' });
    expect((await post(`/parallele/memoire/${cle}/21`)).status).to.equal(404);
    expect((await post(`/parallele/memoire/${cle.replace(/^./, 'g')}/1`)).status).to.equal(404);
    expect((await post('/parallele/memoire/00000000-0000-4000-8000-000000000000/1')).status).to.equal(404);
    expect((await post(`/parallele/memoire/${cle}/1`)).status).to.equal(409);
    expect((await post('/parallele/session/1')).status).to.equal(419);
    expect((await visitor.submit('/parallele', {}, '/parallele/session/1')).status).to.equal(409);
  });

  it('signs out for good in the middle of a slow write, where a store without a lock does not', async () => {
    const { status, headers } = await visitor.submit('/sans-retour');
    expect([status, headers.get('location')]).to.deep.equal([303, '/sans-retour#resultat']);
    const page = wordsOf(await visitor.text('/sans-retour'));
    expect(page).to.match(/Session de blitz-session Personne .* Mémoire sans verrou Camille /);
    expect(await visitor.text('/sans-retour')).not.to.include('Rejouer la scène');
  });
});
