import { rm } from 'node:fs/promises';
import { type Router, type SessionOptions, session } from 'blitz-session';
import { expect } from 'chai';
import { sleep, until } from '../fixtures/http.ts';
import { type Browser, closeSites, openSite } from '../fixtures/kernel-site.ts';
import { randomFrom, temporaryFolder } from '../fixtures/processes.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

for (const handler of ['array', 'file'] as const) {
  describe(`kernel: many requests of one visitor, ${handler}`, () => {
    let options: SessionOptions;

    beforeEach(async () => {
      options = handler === 'file' ? { handler, savePath: await temporaryFolder() } : { handler };
    });

    afterEach(async () => {
      await closeSites();
      if (options.savePath !== undefined) await rm(String(options.savePath), { recursive: true });
    });

    it('50 parallel POST increments with a pause between reading and writing give 50', async () => {
      const site = await openSite(
        (route) => {
          route.get('/token', () => session().token());
          route.post('/increment', async () => {
            const n = session('n', 0);
            await sleep(5);
            session({ n: n + 1 });
            return String(n + 1);
          });
          route.get('/n', () => String(session('n')));
        },
        { session: options },
      );
      const browser = site.browser();
      const token = (await browser.get('/token')).body;
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => browser.post('/increment', { _token: token })),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(50).fill(200));
      const given = answers.map(({ body }) => Number(body)).sort((a, b) => a - b);
      expect(given).to.deep.equal(Array.from({ length: 50 }, (_, n) => n + 1));
      expect((await browser.get('/n')).body).to.equal('50');
      expect(
        new Set(answers.flatMap(({ cookies }) => cookies.map((line) => line.slice(0, 46)))).size,
      ).to.equal(1);
    });

    it(`parallel writes to different keys all stay (seed ${SEED})`, async () => {
      const random = randomFrom(SEED);
      const site = await openSite(
        (route) => {
          route.get('/', () => 'hello');
          route
            .post('/set', async (request) => {
              await sleep(Number(request.input('pause')));
              session({ [request.string('key')]: request.string('key') });
            })
            .withoutCsrf();
          route.get('/all', () => Object.keys(session().all()).filter((key) => /^k\d+$/.test(key)).length);
        },
        { session: options },
      );
      const browser = site.browser();
      await browser.get('/');
      await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          browser.post('/set', { key: `k${n}`, pause: String(Math.floor(random() * 6)) }),
        ),
      );
      expect((await browser.get('/all')).body, `seed ${SEED}`).to.equal('30');
    });

    const account = (route: Router) => {
      route.get('/login', async () => {
        session({ user: 'ada' });
        await session().regenerate();
      });
      route.get('/slow', async () => {
        inside++;
        const user = session('user', 'nobody');
        await sleep(40);
        session({ written: 'late' });
        return user;
      });
      route.get('/logout', () => session().destroy());
      route.get('/goodbye', () => session().invalidate());
      route.get('/who', () => `${session('user', 'nobody')}:${session('written', 'nothing')}`);
    };
    let inside = 0;

    for (const end of ['/logout', '/goodbye']) {
      it(`${end} beside requests in flight: the old cookie is anonymous afterwards`, async () => {
        const site = await openSite(account, { session: options });
        const browser = site.browser();
        await browser.get('/login');
        const old = browser.twin();
        inside = 0;
        const before = Array.from({ length: 3 }, () => old.twin().get('/slow'));
        await until(() => inside === 1);
        const leaving = browser.get(end);
        await sleep(5);
        const behind = Array.from({ length: 3 }, () => old.twin().get('/slow'));
        const [first] = await Promise.all([...before, leaving, ...behind]);
        expect(first?.body).to.equal('ada');
        for (const { body } of await Promise.all(behind)) expect(body).to.be.oneOf(['ada', 'nobody']);
        expect((await old.twin().get('/who')).body).to.equal('nobody:nothing');
        expect((await browser.get('/who')).body).to.equal('nobody:nothing');
      });
    }

    it('a renewal beside 20 parallel requests keeps one session', async () => {
      const site = await openSite(
        (route) => {
          route.get('/', () => session({ n: 0 }));
          route.get('/increment', async () => {
            const n = session('n', 0);
            await sleep(2);
            session({ n: n + 1 });
            return session().id;
          });
          route.get('/n', () => String(session('n', 'lost')));
        },
        { session: { ...options, time_to_update: 60 } },
      );
      const browser = site.browser();
      await browser.get('/');
      const old = browser.id;
      site.clock.advance(61);
      const twins: Browser[] = Array.from({ length: 20 }, () => browser.twin());
      const answers = await Promise.all(twins.map((twin) => twin.get('/increment')));
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(20).fill(200));
      const ids = new Set(twins.map(({ id }) => id));
      expect(ids.size).to.equal(1);
      expect([...ids][0]).to.not.equal(old);
      expect((await (twins[7] as Browser).get('/n')).body).to.equal('20');
      expect((await browser.twin().get('/n')).body, 'through the old id, within grace').to.equal('20');
      site.clock.advance(61);
      expect((await browser.twin().get('/n')).body, 'through the old id, after grace').to.equal('lost');
    });

    it('two parallel first requests make two sessions, the last cookie wins', async () => {
      const site = await openSite(
        (route) =>
          route.get('/visit/{n}', (n) => {
            session({ [`v${n}`]: n });
            return session().id;
          }),
        { session: options },
      );
      const [one, two] = await Promise.all([site.get('/visit/1'), site.get('/visit/2')]);
      expect(one.body).to.not.equal(two.body);
    });

    it('many visitors at once: each its own', async () => {
      const site = await openSite(
        (route) => {
          route.get('/add/{n}', async (n) => {
            await sleep(1);
            session().push('list', n);
          });
          route.get('/list', () => session('list'));
        },
        { session: options },
      );
      const visitors = Array.from({ length: 20 }, () => site.browser());
      await Promise.all(visitors.map((visitor, n) => visitor.get(`/add/${n}`)));
      await Promise.all(
        visitors.flatMap((visitor, n) => [visitor.get(`/add/${n}`), visitor.get(`/add/${n}`)]),
      );
      for (const [n, visitor] of visitors.entries()) {
        expect(JSON.parse((await visitor.get('/list')).body)).to.deep.equal([`${n}`, `${n}`, `${n}`]);
      }
    });
  });
}
