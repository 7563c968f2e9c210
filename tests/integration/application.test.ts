import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { Browser, proseOf, Running, tokenIn, wordsOf } from '../fixtures/sample-app.ts';

const PAGES = [
  '/',
  '/parallele',
  '/sans-retour',
  '/panier',
  '/message',
  '/reservation',
  '/connexion',
  '/session',
];

describe('the sample application', () => {
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

  describe('every page', () => {
    for (const path of PAGES) {
      it(`${path} is French, well formed and protected`, async () => {
        const { status, headers, text } = await visitor.get(path);
        expect(status).to.equal(200);
        expect(headers.get('content-type')).to.equal('text/html; charset=utf-8');
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        expect(headers.get('referrer-policy')).to.equal('same-origin');
        expect(headers.get('cache-control')).to.equal('private, no-store');
        const policy = headers.get('content-security-policy');
        expect(policy).to.include("default-src 'none'").and.not.include('unsafe');
        expect(headers.getSetCookie()).to.have.lengthOf(1);
        expect(headers.getSetCookie()[0])
          .to.match(/HttpOnly/)
          .and.match(/SameSite=Lax/);
        expect(text).to.include('<html lang="fr">').and.include('<main id="contenu"');
        expect(text).to.include(`<a href="${path}" aria-current="page">`);
        expect(text.match(/<h1\b/g)).to.have.lengthOf(1);
        expect(text).not.to.match(/<style| style=| on\w+=/);
        expect(text).not.to.match(/<script(?! type="module" src="\/[\w-]+\.js"><\/script>)/);
      });

      it(`${path} keeps to French typography`, async () => {
        const words = wordsOf(proseOf(await visitor.text(path)));
        expect(words).not.to.match(/.{0,20}(?: [;?!:»]|« )/);
        expect(words).not.to.match(/.{0,20}\p{L}'\p{L}/u);
      });

      it(`${path} names its fields and tells neither the id nor, outside its forms, the token`, async () => {
        await visitor.get(path);
        const text = await visitor.text(path);
        for (const [, id] of text.matchAll(/<input id="([^"]+)"/g))
          expect(text).to.include(`<label for="${id}">`);
        expect(text).not.to.include(visitor.id).and.not.include('__blitz');
        const token = tokenIn(text);
        if (token !== '') expect(text.split(token)).to.have.lengthOf(text.split('name="_token"').length);
      });
    }

    it('leads only to addresses that answer', async () => {
      const links = new Set<string>();
      for (const path of PAGES) {
        for (const [, link] of (await visitor.text(path)).matchAll(/(?:href|src)="(\/[^"#]*)/g))
          links.add(link as string);
      }
      expect(links).to.include('/css/base.css').and.include('/fonts/LICENCES.txt');
      for (const link of links) expect((await visitor.get(link)).status, link).to.equal(200);
    });

    it('answers HEAD without a body', async () => {
      const { status, text } = await visitor.send('/panier', { method: 'HEAD' });
      expect([status, text]).to.deep.equal([200, '']);
    });
  });

  describe('files and addresses without a page', () => {
    it('serves files without a session, and again only when they changed', async () => {
      const before = (await readdir(folder)).length;
      for (const path of ['/css/base.css', '/favicon.svg', '/parallel.js', '/fonts/le-murmure.woff2']) {
        const { status, headers } = await visitor.get(path);
        expect([status, headers.getSetCookie()], path).to.deep.equal([200, []]);
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        const etag = headers.get('etag') ?? '';
        // Without a word of its own, Node's fetch adds `Cache-Control: no-cache`.
        const headersAgain = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
        const again = await visitor.send(path, { headers: headersAgain });
        expect([again.status, again.text]).to.deep.equal([304, '']);
      }
      expect(await readdir(folder)).to.have.lengthOf(before);
    });

    it('says in French that a page does not exist, without opening a session', async () => {
      const { status, headers, text } = await visitor.get('/nulle-part?x=<script>');
      expect(status).to.equal(404);
      expect(text).to.include('Terminus').and.include('<title>Erreur\u00a0: page introuvable');
      expect(text).not.to.include('<script>');
      expect(headers.get('content-security-policy')).to.include("default-src 'none'");
      expect(headers.getSetCookie()).to.deep.equal([]);
    });

    it('answers odd addresses without failing', async () => {
      for (const path of [
        '//',
        '/%',
        '/..%2f',
        '/panier/rien',
        '/parallele/session/21',
        '/.env',
        '/app/server.ts',
      ]) {
        expect((await visitor.get(path)).status, path).to.be.within(400, 499);
      }
      expect(visitor.id).to.equal(undefined);
    });

    it('refuses other methods and names those that it takes', async () => {
      const page = await visitor.send('/message', { method: 'DELETE' });
      expect(page.status).to.equal(405);
      expect(page.headers.get('allow')).to.match(/^GET.*POST/);
      expect(page.text).to.include('Méthode refusée').and.include('<html lang="fr">');
      expect((await visitor.post('/', { a: 'b' })).status).to.equal(405);
      expect((await visitor.post('/nulle-part', { a: 'b' })).status).to.equal(404);
      expect(visitor.id).to.equal(undefined);
    });
  });

  describe('forms', () => {
    it('refuses a wrong, missing or foreign token with 419 and changes nothing', async () => {
      await visitor.submit('/panier', {}, '/panier/cafe/plus');
      const foreign = tokenIn(await new Browser(app.base).text('/panier'));
      for (const token of ['', 'x', foreign, `${foreign}x`]) {
        const { status, headers, text } = await visitor.post('/panier/cafe/plus', { _token: token });
        expect(status).to.equal(419);
        expect(text).to.include('par sécurité, rien n’a été').and.include('href="http');
        expect(headers.get('content-security-policy')).to.include("default-src 'none'");
      }
      expect((await visitor.post('/panier/cafe/plus', {})).status).to.equal(419);
      expect(await visitor.text('/panier')).to.include('<output>1</output>');
    });

    it('refuses what no form of it sends', async () => {
      expect((await visitor.submit('/panier', { delai: '3600' }, '/panier/remise')).status).to.equal(400);
      expect((await visitor.submit('/panier', {}, '/panier/diamant/plus')).status).to.equal(404);
      expect(await visitor.text('/panier'))
        .to.include('Encore rien')
        .and.not.include('QUAI-');
    });

    it('refuses what is too large or no form, and goes on serving', async () => {
      const headersOfLarge = {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': 900_000_000,
      };
      const large = request(`${app.base}/message`, { method: 'POST', headers: headersOfLarge });
      large.flushHeaders();
      const [refusal] = (await once(large, 'response')) as [IncomingMessage];
      expect(refusal.statusCode).to.equal(413);
      expect(await text(refusal))
        .to.include('Envoi trop lourd')
        .and.include('<html lang="fr">');
      large.destroy();
      const headers = { 'content-type': 'application/xml' };
      expect((await visitor.send('/message', { method: 'POST', body: '<a/>', headers })).status).to.equal(
        415,
      );
      expect((await visitor.get('/message')).status).to.equal(200);
    });
  });
});
