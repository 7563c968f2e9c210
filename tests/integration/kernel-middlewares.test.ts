import { abort, redirect, session } from 'blitz-session';
import { expect } from 'chai';
import { complaints, sleep } from '../fixtures/http.ts';
import { closeSites, openSite } from '../fixtures/kernel-site.ts';

describe('kernel: a middleware that does not wait for next()', () => {
  afterEach(closeSites);

  it('answers with the failure of the action, and never ends the process', async () => {
    const site = await openSite((route) => {
      const boom = async () => {
        await sleep(5);
        throw new Error('late');
      };
      route.get('/nothing', boom).middleware((_request, next) => void next());
      route.get('/own', boom).middleware((_request, next) => {
        void next();
        return 'own';
      });
      route
        .get('/sync', () => {
          throw new Error('at once');
        })
        .middleware((_request, next) => void next());
    });
    const heard = await complaints(async () => {
      for (const path of ['/nothing', '/own', '/sync'])
        expect((await site.get(path)).status, path).to.equal(500);
    });
    expect(heard).to.deep.equal([]);
    expect(site.log.text).to.contain('late').and.contain('at once');
  });

  it('waits for the action: its session is not closed behind its back', async () => {
    const site = await openSite((route) => {
      route
        .get('/put', async () => {
          await sleep(20);
          session().put('put', 'yes');
          return 'action';
        })
        .middleware((_request, next) => {
          void next();
          return 'middleware';
        });
      route.get('/', () => String(session('put', 'no')));
    });
    const browser = site.browser();
    expect((await browser.get('/put')).body).to.equal('middleware');
    expect((await browser.get('/')).body).to.equal('yes');
    expect(site.log.text).to.equal('');
  });

  it('its own failure is the answer, that of the action goes to the log', async () => {
    const site = await openSite((route) => {
      route
        .get('/', async () => {
          await sleep(5);
          throw new Error('of the action');
        })
        .middleware((_request, next) => {
          void next();
          abort(403);
        });
    });
    const heard = await complaints(async () => {
      expect((await site.get('/')).status).to.equal(403);
    });
    expect(heard).to.deep.equal([]);
    expect(site.log.text).to.contain('of the action');
  });

  it('may catch the failure of the action, and runs it once however often it asks', async () => {
    let runs = 0;
    const site = await openSite((route) => {
      route
        .get('/', () => {
          runs++;
          throw new Error('caught');
        })
        .middleware(async (_request, next) => {
          await next().catch(() => {});
          return next().catch((error: Error) => error.message);
        });
    });
    expect((await site.get('/')).body).to.equal('caught');
    expect(runs).to.equal(1);
    expect(site.log.text).to.equal('');
  });
});

describe('kernel: answers that are thrown, and callers that send JSON', () => {
  afterEach(closeSites);

  it('throw redirect(…) leads where it says', async () => {
    const site = await openSite((route) => {
      route.get('/', () => {
        session().put('n', 1);
        throw redirect('/connexion').with('message', 'non');
      });
      route.get('/connexion', () => `${session('message')} ${session('n')}`);
    });
    const browser = site.browser();
    const answer = await browser.get('/');
    expect([answer.status, answer.headers.get('location')]).to.deep.equal([302, '/connexion']);
    expect((await browser.get('/connexion')).body).to.equal('non 1');
    expect(site.log.text).to.equal('');
  });

  it('redirect leads to a path or an http address only', async () => {
    const site = await openSite((route) => {
      for (const [path, to] of Object.entries({
        '/bare': 'panier',
        '/empty': '',
        '/query': '?page=2',
        '/whole': 'https://example.org/x',
        '/script': 'javascript:alert(1)',
        '/odd': 'http:evil.example',
      })) {
        route.get(path, () => redirect(to));
      }
    });
    const place = async (path: string) => (await site.get(path)).headers.get('location');
    expect(await place('/bare')).to.equal('/panier');
    expect(await place('/empty')).to.equal('/');
    expect(await place('/query')).to.equal('?page=2');
    expect(await place('/whole')).to.equal('https://example.org/x');
    expect((await site.get('/script')).status).to.equal(500);
    expect((await site.get('/odd')).status).to.equal(500);
    expect(site.log.text).to.not.contain('alert');
  });

  it('who sends JSON and takes anything has errors in JSON', async () => {
    const site = await openSite((route) => {
      route.post('/', () => 'fine');
    });
    const answer = await site.browser().json('/', { a: 1 });
    expect([answer.status, JSON.parse(answer.body).error.status]).to.deep.equal([419, 419]);
    const page = await site.browser().json('/', {}, { headers: { accept: 'text/html' } });
    expect(page.body).to.match(/^<!doctype html>/);
  });

  it('the log names the route of every failure', async () => {
    const site = await openSite((route) => {
      route.get('/panier/{id}', () => session().put('x', () => {}));
    });
    expect((await site.get('/panier/7')).status).to.equal(500);
    expect(site.log.text).to.contain('(GET /panier/{id})').and.not.contain('/panier/7');
  });
});
