import type { RequestListener, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { ask, closeSites, exchange, listen, type Site, serve, sleep } from '../fixtures/http.js';

/** Handlers whose answer must be, byte for byte, what plain node:http gives, but for what the session adds. */
const handlers: Record<string, RequestListener> = {
  'end without a body': (_request, response) => response.end(),
  'a lone end(text): Content-Length, not chunked': (_request, response) => response.end('héllo'),
  'a lone end(Buffer)': (_request, response) => response.end(Buffer.from([0, 255, 10])),
  'end of an empty text': (_request, response) => response.end(''),
  'end(null)': (_request, response) => response.end(null as never),
  'write then end: chunked': (_request, response) => {
    response.write('a');
    response.write(Buffer.from('bc'));
    response.end('d');
  },
  'explicit writeHead, then end(text)': (_request, response) => response.writeHead(201).end('made'),
  'explicit writeHead with a length': (_request, response) =>
    response.writeHead(200, { 'Content-Length': 4 }).end('made'),
  'encodings of texts': (_request, response) => {
    response.write('\xe9\xff', 'latin1');
    response.write('aGVsbG8=', 'base64');
    response.write('e9', 'hex');
    response.end('é', 'utf16le');
  },
  'a lone end in latin1': (_request, response) => response.end('\xe9t\xe9', 'latin1'),
  'the encoding called buffer': (_request, response) => {
    response.write(Buffer.from('x'), 'buffer' as BufferEncoding);
    response.end();
  },
  'a Uint8Array that is no Buffer': (_request, response) => response.end(new Uint8Array([1, 2, 3])),
  '204': (_request, response) => {
    response.statusCode = 204;
    response.end();
  },
  '204 with a body that must not leave': (_request, response) => response.writeHead(204).end('no'),
  '304 with a length': (_request, response) =>
    response.writeHead(304, { ETag: '"1"', 'Content-Length': 9 }).end(),
  trailers: (_request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('body');
    response.addTrailers({ 'X-Sum': '4' });
    response.end();
  },
  'trailers without a Trailer header': (_request, response) => {
    response.writeHead(200);
    response.addTrailers({ 'X-Sum': '4' });
    response.end('body');
  },
  'flushHeaders, then a body': (_request, response) => {
    response.flushHeaders();
    response.end('later');
  },
  'flushHeaders after end': (_request, response) => {
    response.end('x');
    response.flushHeaders();
  },
  'Connection: close': (_request, response) => response.setHeader('Connection', 'close').end('bye'),
  'no Date': (_request, response) => {
    response.sendDate = false;
    response.end('x');
  },
  'Content-Disposition beyond ASCII': (_request, response) =>
    response.setHeader('Content-Disposition', 'attachment; filename="\xe9.txt"').end('x'),
  'statusMessage beyond ASCII': (_request, response) => {
    response.statusMessage = 'Tr\xe8s bien';
    response.end('x');
  },
  'a status without a name': (_request, response) => response.writeHead(299).end('x'),
  'cork and uncork': (_request, response) => {
    response.cork();
    response.write('a');
    response.write('b');
    process.nextTick(() => response.uncork());
    setTimeout(() => response.end('c'), 5);
  },
  'early hints': (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end('x');
  },
  'headers changed after the head was chosen stay as they were': (_request, response) => {
    response.writeHead(202, 'Taken');
    response.statusCode = 500;
    response.statusMessage = 'no';
    response.end('x');
  },
  'words taken back after the head was chosen stay': (_request, response) => {
    response.writeHead(202, 'Taken');
    response.statusMessage = '';
    response.end('x');
  },
  'a method that somebody else replaced': (_request, response) => {
    const { writeHead } = response;
    response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
      this.appendHeader('X-Seen', 'once');
      return (writeHead as (...a: unknown[]) => ServerResponse).apply(this, args);
    } as typeof writeHead;
    response.end('x');
  },
};

/** What handlers see, as a list of words; the same as with plain node:http. */
type Watch = (response: ServerResponse, note: (...words: unknown[]) => void) => void;
const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};
const watches: Record<string, Watch> = {
  'headersSent and writableEnded': (response, note) => {
    note(response.headersSent, response.writableEnded, response.writableFinished);
    response.setHeader('X-A', '1');
    note(response.headersSent);
    response.write('a');
    note(response.headersSent, response.writableEnded);
    response.end('b');
    note(response.headersSent, response.writableEnded, response.writable);
  },
  'statusCode and statusMessage after writeHead': (response, note) => {
    response.writeHead(404);
    note(response.headersSent, response.statusCode, response.statusMessage);
    response.end();
  },
  'statusCode and statusMessage after the end': (response, note) => {
    response.statusCode = 404;
    response.end('x');
    note(response.headersSent, response.statusCode, response.statusMessage);
  },
  'a second writeHead': (response, note) => {
    response.writeHead(200);
    note(codeOf(() => response.writeHead(200)));
    response.end();
    note(codeOf(() => response.writeHead(200)));
  },
  'headers after the end': (response, note) => {
    response.end('x');
    note(codeOf(() => response.setHeader('a', 'b')));
    note(codeOf(() => response.appendHeader('a', 'b')));
    note(codeOf(() => response.removeHeader('a')));
  },
  'bad statuses': (response, note) => {
    for (const status of [0, 99, 1000, Number.NaN, 'x'])
      note(codeOf(() => response.writeHead(status as number)));
    note(response.headersSent);
    response.end();
  },
  'bad headers': (response, note) => {
    note(codeOf(() => response.writeHead(200, { 'bad name': 'x' })));
    note(codeOf(() => response.writeHead(200, { good: 'bad\nvalue' })));
    note(codeOf(() => response.writeHead(200, { good: undefined })));
    note(codeOf(() => response.writeHead(200, ['odd'])));
    note(response.headersSent);
    response.end();
  },
  'a bad status message': (response, note) => {
    note(codeOf(() => response.writeHead(200, 'two\r\nlines')));
    response.statusMessage = 'fine';
    response.end();
  },
  'bad chunks': (response, note) => {
    for (const chunk of [null, undefined, 1, {}, []]) note(codeOf(() => response.write(chunk as never)));
    note(codeOf(() => response.end(1 as never)));
    response.end();
  },
  'write after end': (response, note) => {
    response.on('error', (error) => note('event', (error as { code?: string }).code));
    response.end('x');
    note(response.write('y', (error) => note('callback', (error as { code?: string } | undefined)?.code)));
    response.end('z');
    note(response.writableEnded);
  },
  'events and callbacks': (response, note) => {
    response.on('finish', () => note('finish', response.writableFinished));
    response.on('close', () => note('close', response.destroyed));
    response.write('a', () => note('written'));
    response.end('b', () => note('ended'));
  },
  'end with a callback only': (response, note) => {
    response.end(() => note('ended'));
    response.on('close', () => note('close'));
  },
  'end with an encoding and a callback': (response, note) => {
    response.end('\xe9', 'latin1', () => note('ended'));
    response.on('close', () => note('close'));
  },
};

describe('node adapter: as plain node:http', () => {
  let current: RequestListener = () => {};
  let plain: number;
  let held: Site;
  let bare: Awaited<ReturnType<typeof listen>>;

  before(async () => {
    bare = await listen((request, response) => current(request, response));
    plain = (bare.address() as { port: number }).port;
    held = await serve((request, response) => {
      current(request, response);
    });
  });
  after(async () => {
    bare.closeAllConnections();
    bare.close();
    await closeSites();
  });

  const strip = (text: string) =>
    text
      .replace(/Set-Cookie: blitz_session=[^\r]*\r\n/i, '')
      .replace(/Cache-Control: private, no-store\r\n/i, '')
      .replace(/Date: [^\r]*\r\n/, 'Date: now\r\n');

  for (const [name, handler] of Object.entries(handlers)) {
    for (const method of ['GET', 'HEAD']) {
      // Node throws at what this handler does.
      if (method === 'HEAD' && name === 'trailers') continue;
      it(`${method}: ${name}`, async () => {
        current = handler;
        const text = `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
        const [expected, got] = [await exchange(plain, text), await exchange(held.port, text)];
        expect(got).to.contain('blitz_session=');
        expect(unordered(strip(got))).to.deep.equal(unordered(strip(expected)));
      });
    }
  }
  it('HTTP/1.0, which knows no chunks', async () => {
    current = (_request, response) => {
      response.write('a');
      response.end('b');
    };
    const text = 'GET / HTTP/1.0\r\n\r\n';
    const [expected, got] = [await exchange(plain, text), await exchange(held.port, text)];
    expect(unordered(strip(got))).to.deep.equal(unordered(strip(expected)));
  });

  for (const [name, watch] of Object.entries(watches)) {
    it(`in the handler: ${name}`, async () => {
      const seen: string[][] = [];
      for (const port of [plain, held.port]) {
        const notes: string[] = [];
        current = (_request, response) => watch(response, (...words) => notes.push(words.join(' ')));
        await ask(port, '/');
        await sleep(15);
        seen.push(notes);
      }
      expect(seen[1]).to.deep.equal(seen[0]);
    });
  }

  it('an unknown encoding is refused at once', async () => {
    let code: unknown;
    current = (_request, response) => {
      code = codeOf(() => response.write('x', 'bogus' as never));
      response.end('y');
    };
    expect((await ask(held.port, '/')).body).to.equal('y');
    expect(code).to.equal('ERR_UNKNOWN_ENCODING');
  });

  it('early hints arrive before the session is saved', async () => {
    current = (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
      setTimeout(() => response.end('x'), 10);
    };
    const reply = await ask(held.port, '/');
    expect(reply.hints).to.deep.equal(['</style.css>; rel=preload; as=style']);
    expect(reply.cookies).to.have.length(1);
  });

  it('what Node refuses only when it makes the head is answered with 500', async () => {
    current = (_request, response) =>
      response.writeHead(200, { Trailer: 'X-Sum', 'Content-Length': 1 }).end('x');
    const reply = await ask(held.port, '/');
    expect(reply.status).to.equal(500);
    expect(reply.cookies).to.have.length(1);
  });
});

/** A response with its header lines in order of name: where a header stands says nothing. */
function unordered(text: string): { heads: string[][]; body: string } {
  const at = text.lastIndexOf('HTTP/1.1 ');
  const end = text.indexOf('\r\n\r\n', at);
  const [status = '', ...lines] = text.slice(at, end).split('\r\n');
  return { heads: [[text.slice(0, at)], [status], lines.sort()], body: text.slice(end) };
}
