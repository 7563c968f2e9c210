import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip, gunzipSync } from 'node:zlib';
import { session } from 'blitz-session';
import { expect } from 'chai';
import { after, afterEach, before, describe, it } from 'mocha';
import { closeSites, moodyHandler, serve, sleep, until } from '../fixtures/http.js';

describe('node adapter: streams', () => {
  const content = randomBytes(3 * 1024 * 1024);
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blitz-stream-'));
    file = join(folder, 'big');
    await writeFile(file, content);
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(closeSites);

  for (const delay of [0, 50]) {
    it(`pipe, pipeline and an async generator send 3 MB whole (store slow by ${delay} ms)`, async () => {
      const { mood, handler } = moodyHandler();
      mood.writeDelay = delay;
      const outcomes: string[] = [];
      const site = await serve(
        async (request, response) => {
          session().put('file', 'sent');
          if (request.url === '/pipe') createReadStream(file).pipe(response);
          else if (request.url === '/pipeline') await pipeline(createReadStream(file), response);
          else {
            await pipeline(async function* () {
              for (let at = 0; at < content.length; at += 10_000) yield content.subarray(at, at + 10_000);
            }, response);
          }
          outcomes.push(`${request.url} ${session('file')}`);
        },
        { session: { handler } },
      );
      for (const path of ['/pipe', '/pipeline', '/generator']) {
        const reply = await site.get(path);
        expect(reply.bytes.equals(content), path).to.equal(true);
        expect(reply.cookies).to.have.length(1);
      }
      expect(outcomes).to.deep.equal(['/pipe sent', '/pipeline sent', '/generator sent']);
    });
  }

  it('a writer that heeds write() never has much in memory, and is woken by drain', async () => {
    const { mood, handler } = moodyHandler();
    mood.writeDelay = 100;
    let beforeTheFirstPause = 0;
    let pauses = 0;
    const site = await serve(
      async (_request, response) => {
        const chunk = Buffer.alloc(16 * 1024, 'x');
        for (let n = 0; n < 200; n++) {
          if (response.write(chunk)) continue;
          if (pauses++ === 0) beforeTheFirstPause = (n + 1) * chunk.length;
          await once(response, 'drain');
        }
        response.end();
      },
      { session: { handler } },
    );
    expect((await site.get('/')).bytes).to.have.length(200 * 16 * 1024);
    expect(pauses).to.be.greaterThan(0);
    expect(beforeTheFirstPause).to.be.at.most(128 * 1024);
  });

  it('write and end callbacks are called in order, finish and close after them', async () => {
    const { mood, handler } = moodyHandler();
    mood.writeDelay = 20;
    const seen: unknown[] = [];
    const site = await serve(
      (_request, response) => {
        response.on('prefinish', () => seen.push('prefinish'));
        response.on('finish', () => seen.push('finish'));
        response.on('close', () => seen.push('close'));
        response.write('a', (error) => seen.push(`a ${error ?? 'ok'}`));
        response.write('b', 'latin1', (error) => seen.push(`b ${error ?? 'ok'}`));
        response.end('c', () => seen.push('end'));
        seen.push('returned');
      },
      { session: { handler } },
    );
    await site.get('/');
    await until(() => seen.includes('close'));
    expect(seen.filter((each) => each !== 'prefinish')).to.deep.equal([
      'returned',
      'a ok',
      'b ok',
      ...(seen.indexOf('end') < seen.indexOf('finish') ? ['end', 'finish'] : ['finish', 'end']),
      'close',
    ]);
    expect(seen.filter((each) => each === 'prefinish')).to.have.length(1);
  });

  it('callbacks, pipeline and finished learn that the save failed', async () => {
    const { mood, handler } = moodyHandler();
    mood.write = 'throws';
    const outcomes: unknown[] = [];
    const site = await serve(
      (request, response) => {
        const note = (error?: Error | null) => outcomes.push((error as { code?: string } | null)?.code);
        if (request.url === '/callbacks') {
          response.write('a', note);
          response.end(note);
        } else if (request.url === '/pipeline') {
          pipeline(createReadStream(file), response).then(() => note(), note);
        } else {
          response.end('x');
          finished(response, note);
        }
      },
      { session: { handler } },
    );
    for (const path of ['/callbacks', '/pipeline']) {
      const reply = await site.get(path);
      expect([reply.status, reply.cookies.length]).to.deep.equal([503, 0]);
    }
    await until(() => outcomes.length >= 3, 'three outcomes');
    expect(outcomes).to.deep.equal([
      'ERR_STREAM_DESTROYED',
      'ERR_STREAM_DESTROYED',
      'ERR_STREAM_PREMATURE_CLOSE',
    ]);
  });

  it('a client that leaves in the middle of a stream ends the pipeline', async () => {
    let outcome: unknown;
    const site = await serve(async (_request, response) => {
      const endless = new Readable({
        read() {
          this.push(Buffer.alloc(50_000));
        },
      });
      await pipeline(endless, response).catch((error) => {
        outcome = error.code;
      });
    });
    const socket = connect(site.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    await until(() => outcome !== undefined, 'the end of the pipeline');
    expect(outcome).to.equal('ERR_STREAM_PREMATURE_CLOSE');
  });
});

/** As the compression package does: decides when the head is chosen, and takes over write, end and drain. */
function compress(response: ServerResponse): void {
  const { writeHead, write, end, on } = response;
  let zip: Gzip | undefined;
  let decided = false;
  let waiting: [string, (...args: unknown[]) => void][] | undefined = [];
  const decide = () => {
    if (decided) return;
    decided = true;
    const listeners = waiting ?? [];
    waiting = undefined;
    if (/^text\//.test(String(response.getHeader('content-type')))) {
      zip = createGzip();
      response.setHeader('Content-Encoding', 'gzip');
      response.removeHeader('Content-Length');
      zip.on('data', (chunk) => {
        if ((write.call(response, chunk, 'buffer' as BufferEncoding) as boolean) === false) zip?.pause();
      });
      zip.on('end', () => (end as () => unknown).call(response));
      on.call(response, 'drain', () => zip?.resume());
    }
    for (const [event, fn] of listeners) (zip ?? { on: on.bind(response) }).on(event, fn);
  };
  const imply = () => {
    if (!response.headersSent) (response as unknown as { _implicitHeader(): void })._implicitHeader();
  };
  response.writeHead = ((...args: unknown[]) => {
    for (const [name, value] of Object.entries(
      (args.find((each) => typeof each === 'object') ?? {}) as object,
    ))
      response.setHeader(name, value);
    decide();
    return (writeHead as (...a: unknown[]) => ServerResponse).call(response, args[0]);
  }) as typeof writeHead;
  response.write = ((chunk: Buffer | string, ...rest: unknown[]) => {
    imply();
    return zip ? zip.write(chunk) : (write as (...a: unknown[]) => boolean).call(response, chunk, ...rest);
  }) as typeof write;
  response.end = ((chunk?: Buffer | string, ...rest: unknown[]) => {
    imply();
    if (!zip) return (end as (...a: unknown[]) => ServerResponse).call(response, chunk, ...rest);
    zip.end(chunk);
    return response;
  }) as typeof end;
  response.on = ((event: string, fn: (...args: unknown[]) => void) => {
    if (event !== 'drain' || (decided && !zip)) return on.call(response, event, fn);
    if (zip) zip.on(event, fn);
    else waiting?.push([event, fn]);
    return response;
  }) as typeof on;
}

describe('node adapter: beside a compressor', () => {
  afterEach(closeSites);
  const text = 'compress me '.repeat(100_000);

  const handler = (under: boolean) => (request: { url?: string | undefined }, response: ServerResponse) => {
    if (!under) compress(response);
    session().put('seen', true);
    if (request.url === '/binary') return response.setHeader('Content-Type', 'image/png').end('png');
    response.setHeader('Content-Type', 'text/plain');
    if (request.url === '/lone') return response.end(text);
    if (request.url === '/length') return response.setHeader('Content-Length', text.length).end(text);
    if (request.url === '/head') return response.writeHead(201, { 'X-Own': 'yes' }).end(text);
    if (request.url === '/pipe') return Readable.from(pieces()).pipe(response);
    response.flushHeaders();
    response.write('a');
    return setTimeout(() => response.end('b'), 20);
  };
  function* pieces() {
    for (let at = 0; at < text.length; at += 7000) yield text.slice(at, at + 7000);
  }

  for (const [order, under] of [
    ['put over the response before withSession', true],
    ['put over the response in the handler', false],
  ] as const) {
    const around = (listener: RequestListener): RequestListener =>
      under
        ? (request, response) => {
            compress(response);
            return listener(request, response);
          }
        : listener;

    it(`${order}: bodies arrive whole, compressed, with the cookie`, async () => {
      const { mood, handler: slow } = moodyHandler();
      mood.writeDelay = 20;
      const site = await serve(handler(under), { around, session: { handler: slow } });
      for (const path of ['/lone', '/length', '/head', '/pipe']) {
        const reply = await site.get(path);
        expect(reply.headers['content-encoding'], path).to.equal('gzip');
        expect(gunzipSync(reply.bytes).toString() === text, path).to.equal(true);
        expect(reply.cookies, path).to.have.length(1);
      }
      const stream = await site.get('/flush');
      expect(gunzipSync(stream.bytes).toString()).to.equal('ab');
      const binary = await site.get('/binary');
      expect([binary.headers['content-encoding'], binary.body]).to.deep.equal([undefined, 'png']);
    });

    it(`${order}: when the save fails, the failure arrives as plain text and nothing else happens`, async () => {
      const { mood, handler: failing } = moodyHandler();
      mood.write = 'throws';
      mood.writeDelay = 10;
      const site = await serve(handler(under), { around, session: { handler: failing } });
      for (const path of ['/lone', '/head', '/pipe', '/flush']) {
        const reply = await site.get(path);
        expect([reply.status, reply.cookies.length], path).to.deep.equal([503, 0]);
        const body =
          reply.headers['content-encoding'] === 'gzip' ? gunzipSync(reply.bytes).toString() : reply.body;
        expect(body.length).to.be.within(10, 200);
        expect(body).to.not.contain('compress me');
      }
      await sleep(50);
    });
  }

  it('one below and another one above: those below are still asked', async () => {
    const site = await serve(
      (_request, response) => {
        const { write, end, writeHead } = response;
        const above = (inner: unknown) =>
          ((...args: unknown[]) => (inner as (...a: unknown[]) => unknown).apply(response, args)) as never;
        response.writeHead = above(writeHead);
        response.write = above(write);
        response.end = above(end);
        response.setHeader('Content-Type', 'text/plain');
        response.write('one ');
        setTimeout(() => {
          response.write('two ');
          response.end('three');
        }, 20);
      },
      {
        around: (listener) => (request, response) => {
          compress(response);
          return listener(request, response);
        },
      },
    );
    const reply = await site.get('/');
    expect(reply.headers['content-encoding']).to.equal('gzip');
    expect(gunzipSync(reply.bytes).toString()).to.equal('one two three');
  });
});
