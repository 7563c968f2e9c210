import { createReadStream, readdirSync, readlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { Cookie, response, session } from 'blitz-session';
import { expect } from 'chai';
import { ask, complaints, dial, moodyHandler, sleep, until } from '../fixtures/http.ts';
import { closeSites, openSite, writeApplication } from '../fixtures/kernel-site.ts';

/** How many descriptors of this process lead to the file. */
function openFiles(path: string): number {
  const folder = '/proc/self/fd';
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(`${folder}/${name}`) === path;
    } catch {
      return false;
    }
  }).length;
}

describe('kernel: bodies that are streams', () => {
  afterEach(closeSites);

  it('the session is saved and free before the first byte; what follows can read it', async () => {
    const steps: string[] = [];
    const { mood, handler } = moodyHandler();
    mood.writeDelay = 30;
    let goOn = () => {};
    const site = await openSite(
      (route) => {
        route.get('/stream', () => {
          session({ n: 41 });
          const wait = new Promise<void>((resolve) => {
            goOn = resolve;
          });
          return Readable.from(
            (async function* () {
              steps.push(`begin after ${mood.writes} writes`);
              yield `n=${session('n')} `;
              await wait;
              try {
                session({ n: 0 });
              } catch (error) {
                yield (error as { code: string }).code;
              }
            })(),
          );
        });
        route.get('/n', () => String(session().increment('n')));
      },
      { session: { handler } },
    );
    const browser = site.browser();
    const answer = await fetch(`${site.url}/stream`);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    browser.jar.set('blitz_session', cookie.split('=')[1] ?? '');
    expect((await browser.get('/n')).body, 'while the stream is still open').to.equal('42');
    goOn();
    expect(await answer.text()).to.equal('n=41 E_SESSION_CLOSED');
    expect((await browser.get('/n')).body).to.equal('43');
    expect(steps).to.deep.equal(['begin after 1 writes']);
  });

  it('Node, Web and Fetch streams arrive whole, with their type', async () => {
    const large = 'x'.repeat(300_000);
    const site = await openSite((route) => {
      route.get('/node', () => Readable.from([large, Buffer.from(large)]));
      route.get('/web', () => new Blob([large]).stream());
      route.get('/typed', (_request, response) => response.stream(Readable.from(['a,b']), 'text/csv'));
      route.get('/empty', () => Readable.from([]));
    });
    expect((await site.get('/node')).body.length).to.equal(600_000);
    expect((await site.get('/web')).body.length).to.equal(300_000);
    expect((await site.get('/typed')).headers.get('content-type')).to.match(/^text\/csv/);
    const empty = await site.get('/empty');
    expect([empty.status, empty.body]).to.deep.equal([200, '']);
  });

  it('a stream that fails before its first byte is a 500, and the session is saved', async () => {
    for (const delay of [0, 40]) {
      const { mood, handler } = moodyHandler();
      const site = await openSite(
        (route) => {
          route.get('/missing', () => {
            session({ n: 1 });
            Cookie.queue('queued', 'yes');
            return createReadStream('/nowhere/at/all');
          });
          route.get('/n', () => String(session('n', 0)));
        },
        { session: { handler } },
      );
      mood.writeDelay = delay;
      const browser = site.browser();
      const heard = await complaints(async () => {
        const answer = await browser.get('/missing');
        expect(answer.status).to.equal(500);
        expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
        expect(answer.body)
          .to.match(/^<!doctype html>/)
          .and.not.contain('nowhere');
      });
      expect(heard).to.deep.equal([]);
      expect(site.log.text).to.contain('ENOENT');
      expect((await browser.get('/n')).body).to.equal('1');
    }
  });

  it('a stream that fails later cuts the answer off, is logged, and ends nothing else', async () => {
    const site = await openSite((route) => {
      route.get('/node', () =>
        Readable.from(
          (async function* () {
            yield 'begun';
            await sleep(10);
            throw new Error('the node source dried up');
          })(),
        ),
      );
      route.get('/web', () => {
        let pulls = 0;
        return new ReadableStream({
          async pull(controller) {
            if (pulls++ === 0) return controller.enqueue(Buffer.from('begun'));
            await sleep(10);
            throw new Error('the web source dried up');
          },
        });
      });
      route.get('/', () => 'alive');
    });
    for (const kind of ['node', 'web']) {
      const heard = await complaints(async () => {
        const outcome = await ask(site.port, `/${kind}`).then(
          () => 'whole',
          () => 'cut off',
        );
        expect(outcome).to.equal('cut off');
      });
      expect(heard).to.deep.equal([]);
      expect(site.log.text).to.contain(`the ${kind} source dried up`);
    }
    expect((await site.get('/')).body).to.equal('alive');
  });

  it('what no body can carry ends the answer, not the process', async () => {
    const site = await openSite((route) => {
      route.get('/node', () => Readable.from([{ a: 1 }, { a: 2 }]));
      route.get('/numbers', () => Readable.from([1, 2]));
      route.get(
        '/web',
        () =>
          new ReadableStream({
            start(controller) {
              controller.enqueue({ a: 1 });
              controller.close();
            },
          }),
      );
      route.get('/', () => 'alive');
    });
    for (const path of ['/node', '/numbers', '/web']) {
      const heard = await complaints(async () => {
        const signal = AbortSignal.timeout(2000);
        const status = await ask(site.port, path, { signal }).then(
          (reply) => reply.status,
          () => 0,
        );
        expect(signal.aborted, path).to.equal(false);
        expect(status, path).to.be.oneOf([0, 500]);
      });
      expect(heard, path).to.deep.equal([]);
    }
    expect((await site.get('/')).body).to.equal('alive');
    expect(site.log.errors).to.have.length(3);
  });

  it('a client that leaves in the middle ends the stream, and nobody complains', async () => {
    const ended: string[] = [];
    const site = await openSite((route) => {
      route.get('/node', () => {
        const stream = new Readable({ read() {} });
        stream.push('begun');
        return stream.on('close', () => ended.push('node'));
      });
      route.get(
        '/web',
        () =>
          new ReadableStream({
            start: (controller) => controller.enqueue(Buffer.from('begun')),
            cancel: () => void ended.push('web'),
          }),
      );
    });
    const heard = await complaints(async () => {
      for (const path of ['/node', '/web']) {
        const { socket, received } = await dial(site.port);
        socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        await until(() => received().includes('begun'), 'the first byte');
        socket.destroy();
      }
      await until(() => ended.length === 2, 'the end of both streams');
    });
    expect(heard).to.deep.equal([]);
    expect(site.log.errors).to.deep.equal([]);
  });
});

describe('kernel: files', () => {
  afterEach(closeSites);

  it('file() and download(): content, length, type, name', async () => {
    const root = await writeApplication({ 'a.txt': 'content', 'b.pdf': Buffer.alloc(100_000, 1) });
    const site = await openSite((route) => {
      route.get('/file', (_request, response) => response.file(`${root}/a.txt`));
      route.get('/download', () => response().download(`${root}/b.pdf`, 'été "1".pdf'));
    });
    const file = await site.get('/file');
    expect([file.status, file.body, file.headers.get('content-length')]).to.deep.equal([200, 'content', '7']);
    const download = await site.get('/download');
    expect(download.headers.get('content-length')).to.equal('100000');
    expect(download.headers.get('content-type')).to.equal('application/pdf');
    expect(download.headers.get('content-disposition')).to.match(
      /^attachment; filename="[ -~]+"; filename\*=UTF-8''%C3%A9t%C3%A9/,
    );
    await until(() => openFiles(`${root}/b.pdf`) === 0, 'the end of the file');
  });

  it('a missing file is an error, with the session and without a cookie of the action', async () => {
    const site = await openSite((route) => {
      for (const how of ['file', 'download'] as const) {
        route.get(`/${how}`, (_request, response) => {
          session({ n: 1 });
          Cookie.queue('queued', 'yes');
          return response[how]('/nowhere/at/all.txt');
        });
      }
      route.get('/n', () => String(session('n', 0)));
    });
    for (const path of ['/file', '/download']) {
      const browser = site.browser();
      const answer = await browser.get(path);
      expect(answer.status).to.be.oneOf([404, 500]);
      expect(answer.headers.get('content-disposition')).to.equal(null);
      expect(answer.body).to.not.contain('nowhere');
      expect([...browser.jar.keys()]).to.deep.equal(['blitz_session']);
      expect((await browser.get('/n')).body).to.equal('1');
    }
  });

  it('no descriptor stays open: HEAD, a failed save, a client that left, an error after it', async () => {
    const root = await writeApplication({ 'large.bin': Buffer.alloc(3_000_000, 1) });
    const path = `${root}/large.bin`;
    const { mood, handler } = moodyHandler();
    const site = await openSite(
      (route) => {
        route.get('/file', (_request, response) => {
          session().increment('n');
          return response.file(path);
        });
        route.get('/stream', () => {
          session().increment('n');
          return createReadStream(path);
        });
        route
          .get('/middleware', () => createReadStream(path))
          .middleware(async (_request, next) => {
            await next();
            throw new Error('after it');
          });
        route
          .get('/instead', () => createReadStream(path))
          .middleware(async (_request, next) => {
            await next();
            return 'instead';
          });
        route.get('/no-content', (_request, response) =>
          response.withStatus(204).withBody(createReadStream(path)),
        );
      },
      { session: { handler } },
    );
    for (const what of ['/file', '/stream']) {
      const head = await ask(site.port, what, { method: 'HEAD' });
      expect([head.status, head.bytes.length]).to.deep.equal([200, 0]);
      if (what === '/file') expect(head.headers['content-length']).to.equal('3000000');
      mood.write = 'throws';
      expect((await site.get(what)).status).to.equal(503);
      mood.write = 'works';
      const { socket, received } = await dial(site.port);
      socket.write(`GET ${what} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await until(() => received().length > 0, 'the first byte');
      socket.destroy();
      mood.writeDelay = 30;
      const early = await dial(site.port);
      early.socket.write(`GET ${what} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await sleep(10);
      early.socket.destroy();
      await sleep(40);
      mood.writeDelay = 0;
    }
    expect((await site.get('/middleware')).status).to.equal(500);
    expect((await site.get('/instead')).body).to.equal('instead');
    expect((await site.get('/no-content')).status).to.equal(204);
    await until(() => openFiles(path) === 0, 'the end of the file');
  });

  it('HEAD of a stream that never ends is answered, and the stream is ended', async () => {
    const ended: string[] = [];
    const site = await openSite((route) => {
      route.get('/node', () => new Readable({ read() {} }).on('close', () => ended.push('node')));
      route.get('/endless', () =>
        new Readable({
          read() {
            setImmediate(() => this.push('tick'));
          },
        }).on('close', () => ended.push('endless')),
      );
      route.get('/web', () => new ReadableStream({ cancel: () => void ended.push('web') }));
    });
    for (const path of ['/node', '/endless', '/web']) {
      const head = await ask(site.port, path, { method: 'HEAD' });
      expect([head.status, head.bytes.length]).to.deep.equal([200, 0]);
    }
    await until(() => ended.length === 3, 'the end of the streams');
  });
});

describe('kernel: HEAD', () => {
  afterEach(closeSites);

  it('is answered by what answers GET, session, cookie and length among it', async () => {
    const site = await openSite((route) => {
      route.get('/', () => {
        session().increment('n');
        return 'hello';
      });
      route.get('/json', () => ({ a: 1 }));
      route.get('/n', () => String(session('n', 0)));
      route.get('/lost', (_request, response) => response.withStatus(404).html('lost'));
    });
    const browser = site.browser();
    const head = await browser.get('/', { method: 'HEAD' });
    const get = await site.get('/');
    expect([head.status, head.body, head.headers.get('content-length')]).to.deep.equal([200, '', '5']);
    expect(head.headers.get('content-type')).to.equal(get.headers.get('content-type'));
    expect((await browser.get('/n')).body).to.equal('1');
    expect((await browser.get('/json', { method: 'HEAD' })).headers.get('content-length')).to.equal('7');
    expect((await browser.get('/lost', { method: 'HEAD' })).status).to.equal(404);
    expect((await browser.get('/nowhere', { method: 'HEAD' })).status).to.equal(404);
  });
});
