import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Browser, Running, tokenIn, wordsOf } from '../fixtures/sample-app.ts';

describe('the sample application: what its pages keep', () => {
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

  const add = (id: string) => visitor.submit('/panier', { depuis: 'carte' }, `/panier/${id}/plus`);
  const take = (id: string) => visitor.submit('/panier', {}, `/panier/${id}/moins`);
  const signIn = (nom: string) => visitor.submit('/connexion', { nom });
  const fingerprintIn = (page: string) => /<output>([\da-f]{3}·[\da-f]{3})<\/output>/.exec(page)?.[1];

  describe('the basket', () => {
    it('adds, counts and takes away, in the order in which it was filled', async () => {
      const { status, headers } = await add('madeleines');
      expect([status, headers.get('location')]).to.deep.equal([303, '/panier#carte-madeleines']);
      await add('cafe');
      await add('cafe');
      const page = await visitor.text('/panier');
      expect(page.indexOf('id="ligne-madeleines"')).to.be.below(page.indexOf('id="ligne-cafe"'));
      expect(wordsOf(page))
        .to.include('Café − 2 + 3,80\u00a0€')
        .and.include('3\u00a0articles, à payer 6,40\u00a0€');
      await take('cafe');
      const { headers: last } = await take('cafe');
      expect(last.get('location')).to.equal('/panier#votre-panier');
      expect(await visitor.text('/panier'))
        .to.include('ligne-madeleines')
        .and.not.include('ligne-cafe');
      await visitor.submit('/panier', { _method: 'DELETE' });
      expect(await visitor.text('/panier'))
        .to.include('Votre panier est vide.')
        .and.include('Encore rien');
    });

    it('loses no click among parallel ones, and stops at twenty', async () => {
      const token = tokenIn(await visitor.text('/panier'));
      await Promise.all(
        Array.from({ length: 19 }, () => visitor.post('/panier/cafe/plus', { _token: token })),
      );
      expect(await visitor.text('/panier')).to.include('<output>19</output>');
      await add('cafe');
      await add('cafe');
      expect(await visitor.text('/panier'))
        .to.include('<output>20</output>')
        .and.include('20 au plus par panier');
    });
  });

  describe('the discount', () => {
    it('lowers the price, shows what remains, and can be given back', async () => {
      await add('jambon-beurre');
      const { headers } = await visitor.submit('/panier', { delai: '60' }, '/panier/remise');
      expect(headers.get('location')).to.equal('/panier#remise');
      const page = await visitor.text('/panier');
      expect(page).to.match(/QUAI-[A-Z\d]{4}/);
      expect(wordsOf(page)).to.include('à payer 4,32\u00a0€');
      const left = Number(/data-left="([\d.]+)"/.exec(page)?.[1]);
      expect(left).to.be.within(50, 60);
      // Without a script SVG counts: one step for each second.
      expect(page).to.include(`Il restait ${Math.ceil(left)}\u00a0secondes`);
      expect(page)
        .to.include(`dur="${left.toFixed(2)}s"`)
        .and.include(`dur="${Math.ceil(left) + 1}s"`);
      await visitor.submit('/panier', { _method: 'DELETE' }, '/panier/remise');
      const without = await visitor.text('/panier');
      expect(wordsOf(without)).to.include('à payer 4,80\u00a0€').and.not.include('QUAI-');
    });

    it('is gone after its delay, while the basket stays', async () => {
      await add('cafe');
      await visitor.submit('/panier', { delai: '10' }, '/panier/remise');
      expect(wordsOf(await visitor.text('/panier'))).to.include('à payer 1,71\u00a0€');
      await new Promise((resolve) => setTimeout(resolve, 11_100));
      const page = await visitor.text('/panier');
      expect(wordsOf(page)).to.include('à payer 1,90\u00a0€').and.not.include('QUAI-');
      expect(await visitor.text('/session')).not.to.include('<dt>remise</dt>');
    });
  });

  describe('the message after a redirect', () => {
    it('is shown once, escaped', async () => {
      const mot = '<script>alert("é & è")</script> « déjà » !';
      const { status, headers, text } = await visitor.submit('/message', { mot });
      expect([status, headers.get('location'), text]).to.deep.equal([303, '/message', '']);
      const shown = await visitor.text('/message');
      expect(shown).to.include('&lt;script&gt;alert(&quot;é &amp; è&quot;)&lt;/script&gt; « déjà » !');
      expect(shown).not.to.include('<script>');
      expect(await visitor.text('/message'))
        .to.include('Aucun message')
        .and.not.include('alert(');
    });

    it('comes back to be corrected when it is empty or too long', async () => {
      expect((await visitor.submit('/message', { mot: '   ' })).status).to.equal(303);
      expect(await visitor.text('/message'))
        .to.include('Écrivez un message.')
        .and.include('aria-invalid');
      await visitor.submit('/message', { mot: 'à'.repeat(141) });
      expect(await visitor.text('/message'))
        .to.include('dépasse 140\u00a0caractères')
        .and.include(`value="${'à'.repeat(141)}"`);
      expect(await visitor.text('/message')).not.to.include('aria-invalid');
    });
  });

  describe('the form', () => {
    const wrong = { nom: 'Zoé "<b>', courriel: 'zoe@', places: 'douze', voiture: 'calme', accord: '' };

    it('comes back with what was typed and what is wrong, once', async () => {
      const { status, headers } = await visitor.submit('/reservation', wrong);
      expect([status, headers.get('location')]).to.deep.equal([303, '/reservation']);
      const page = await visitor.text('/reservation');
      expect(page)
        .to.include('value="Zoé &quot;&lt;b&gt;"')
        .and.include('value="zoe@"')
        .and.include('value="douze"');
      expect(page).to.match(/value="calme"[^>]* checked/);
      expect(wordsOf(page)).to.include('3\u00a0points à revoir');
      for (const field of ['courriel', 'places', 'accord'])
        expect(page).to.include(`<a href="#${field}">`).and.include(`id="${field}-erreur"`);
      expect(page).to.include('Cochez la case\u00a0: sans accord, pas de départ\u202f!');
      const again = await visitor.text('/reservation');
      expect(again).not.to.match(/value="(?:zoe@|douze)"| checked|-erreur"/);
    });

    it('says thanks when nothing is wrong, and keeps the booking', async () => {
      const fields = { ...wrong, nom: 'Zoé', courriel: 'zoe@exemple.fr', places: '2', accord: '1' };
      await visitor.submit('/reservation', fields);
      expect(await visitor.text('/reservation')).to.include('Merci, Zoé. 2\u00a0places réservées.');
      expect(wordsOf(await visitor.text('/reservation')))
        .to.include('Au nom de Zoé')
        .and.not.include('Merci');
    });
  });

  describe('signing in and out', () => {
    it('gives a new id and a new token, keeps the values, and leaves the old id anonymous', async () => {
      await add('cafe');
      const page = await visitor.text('/connexion');
      const before = { id: visitor.id, token: tokenIn(page), fingerprint: fingerprintIn(page) };
      expect(before.fingerprint).to.be.a('string');
      const { status, headers } = await signIn('  Zoé <b>  ');
      expect([status, headers.get('location')]).to.deep.equal([303, '/connexion']);
      expect(visitor.id)
        .to.match(/^[0-9a-f]{32}$/)
        .and.not.equal(before.id);
      const after = await visitor.text('/connexion');
      expect(after).to.include('Bienvenue, Zoé &lt;b&gt;\u202f!').and.include('Ouverte à l’instant.');
      expect(after).to.include(`<del>${before.fingerprint}</del>`);
      expect(fingerprintIn(after)).to.not.equal(before.fingerprint);
      expect(tokenIn(after)).not.to.equal(before.token);
      expect(wordsOf(await visitor.text('/')))
        .to.include('Bonjour, Zoé &lt;b&gt;')
        .and.not.include('Bienvenue');
      expect(await visitor.text('/panier')).to.include('ligne-cafe');

      const old = await new Browser(app.base, before.id).text('/connexion');
      expect(old).to.include('Votre nom').and.not.include('Zoé');
    });

    it('says farewell once and keeps nothing', async () => {
      await add('cafe');
      await signIn('Anaïs');
      const signedIn = visitor.id;
      expect((await visitor.submit('/connexion', { _method: 'DELETE' })).status).to.equal(303);
      expect(visitor.id).not.to.equal(signedIn);
      expect(await visitor.text('/connexion')).to.include('Au revoir, Anaïs\u202f!');
      expect(await visitor.text('/connexion'))
        .to.include('Votre nom')
        .and.not.include('Anaïs');
      expect(await visitor.text('/panier')).to.include('Encore rien');
      const old = await new Browser(app.base, signedIn).text('/connexion');
      expect(old).to.include('Votre nom').and.not.include('Anaïs');
    });

    it('asks for a name', async () => {
      await visitor.get('/connexion');
      const before = visitor.id;
      await signIn(' ');
      expect(await visitor.text('/connexion')).to.include('Écrivez un nom.');
      expect(visitor.id).to.equal(before);
    });
  });

  describe('what the session holds', () => {
    it('is shown by kind and by what is left of it, without the id and the token', async () => {
      await add('cafe');
      await signIn('Noé');
      await visitor.submit('/panier', { delai: '60' }, '/panier/remise');
      await visitor.submit('/session');
      const page = await visitor.text('/session');
      const entry = (key: string) =>
        wordsOf(new RegExp(`<dt>${key}</dt>.*?</div>`, 's').exec(page)?.[0] ?? '');
      expect(entry('visiteur')).to.match(/nom: .*Noé.*depuis: \d{4}-.*ordinaire 2\u00a0heures après/);
      expect(entry('panier')).to.include('cafe: 1');
      expect(entry('exemple')).to.include('flash cette page');
      expect(entry('remise')).to.match(/temporaire encore (?:60|5\d)\u00a0secondes/);
      expect(wordsOf(page)).to.match(
        /Visite commencée (?:à l’instant|il y a \d+\u00a0secondes?), \d\u00a0pages vues\./,
      );
      expect(page).not.to.include(visitor.id).and.not.include('__blitz').and.not.include('<dt>_token');
      expect(await visitor.text('/session')).not.to.include('<dt>exemple</dt>');
    });

    it('keeps flash values for one more page on demand', async () => {
      await visitor.submit('/session');
      expect(wordsOf(await visitor.text('/session?garder=1'))).to.include('flash prochaine page');
      expect(wordsOf(await visitor.text('/session'))).to.include('flash cette page');
      expect(await visitor.text('/session')).not.to.include('<dt>exemple</dt>');
    });

    it('is destroyed on demand, with its cookie', async () => {
      await add('cafe');
      const old = visitor.id;
      const { status, text, headers } = await visitor.submit('/session', { _method: 'DELETE' });
      expect(status).to.equal(200);
      expect(text).to.include('Session détruite');
      expect(headers.getSetCookie()[0]).to.match(/max-age=0/i);
      expect(visitor.id).to.equal(undefined);
      expect(await new Browser(app.base, old).text('/panier')).to.include('Encore rien');
    });
  });
});
