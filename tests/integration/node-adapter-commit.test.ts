import { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { session } from 'blitz-session';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { closeSites, dial, moodyHandler, serve, sleep, until } from '../fixtures/http.js';

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe('node adapter: while the session is being saved', () => {
  afterEach(closeSites);

  it('server.close() lets the answer that is held leave', async () => {
    const { mood, handler } = moodyHandler();
    mood.writeDelay = 150;
    const site = await serve((_request, response) => response.end('whole'), { session: { handler } });
    const { socket, received } = await dial(site.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => mood.writes === 1);
    site.server.close();
    site.server.closeIdleConnections();
    await until(() => received().endsWith('whole'), 'the answer');
    socket.destroy();
  });

  it('a buffer may be used again as soon as write has returned', async () => {
    const site = await serve((_request, response) => {
      const buffer = Buffer.alloc(4);
      for (let byte = 97; byte < 107; byte++) {
        buffer.fill(byte);
        response.write(buffer);
      }
      response.end(buffer.fill(122).subarray(0, 2));
      buffer.fill(0);
    });
    expect((await site.get('/')).body).to.equal('aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjzz');
  });

  it('100 000 small writes are kept in order', async () => {
    const { mood, handler } = moodyHandler();
    mood.writeDelay = 50;
    const site = await serve(
      (_request, response) => {
        for (let n = 0; n < 100_000; n++) response.write(`${n},`);
        response.end();
      },
      { session: { handler } },
    );
    const { body } = await site.get('/');
    expect(body).to.equal(`${Array.from({ length: 100_000 }, (_, n) => n).join()},`);
  });

  it('the first byte closes the session: what is changed later is refused, what was changed before is saved', async () => {
    const site = await serve(async (request, response) => {
      if (request.url === '/see') return response.end(JSON.stringify(session().all()));
      session().put('before', 1);
      response.write('first');
      const codes: unknown[] = [];
      await sleep(5);
      codes.push(codeOf(() => session().put('after', 1)));
      codes.push(session('before'));
      await session()
        .start()
        .catch((error) => codes.push(error.code));
      response.end(codes.join());
    });
    const visitor = site.visitor();
    expect((await visitor.get('/')).body).to.equal('firstE_SESSION_CLOSED,1,E_SESSION_CLOSED');
    expect((await visitor.get('/see')).body).to.equal('{"before":1}');
  });

  it('also in the tick of the first byte', async () => {
    let code: unknown;
    const site = await serve((_request, response) => {
      response.end('x');
      code = codeOf(() => session().put('after', 1));
    });
    await site.get('/');
    expect(code).to.equal('E_SESSION_CLOSED');
  });

  it('a destroy() in that tick is refused, or its failure becomes the answer', async () => {
    const { mood, handler } = moodyHandler();
    const site = await serve(
      (request, response) => {
        response.end('fine');
        if (request.url === '/out') session().destroy();
      },
      { session: { handler } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    mood.destroy = 'throws';
    const reply = await visitor.get('/out');
    const saidGone = reply.cookies.some((cookie) => cookie.includes('=deleted'));
    expect([reply.status, saidGone]).to.not.deep.equal([200, true]);
  });

  it('other requests of the visitor go on while a body is streamed', async () => {
    const site = await serve(async (request, response) => {
      session().increment('n');
      if (request.url !== '/stream') return response.end(String(session('n')));
      response.write('begun');
      await sleep(300);
      response.end();
    });
    const visitor = site.visitor();
    await visitor.get('/');
    let ended = false;
    const stream = visitor.get('/stream').then(() => {
      ended = true;
    });
    await sleep(50);
    expect((await visitor.get('/')).body).to.equal('3');
    expect(ended).to.equal(false);
    await stream;
  });

  it('server-sent events: headers leave at flushHeaders, events as they come', async () => {
    const site = await serve((_request, response) => {
      session().put('listening', true);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      let n = 0;
      const timer = setInterval(() => {
        response.write(`data: ${n++}\n\n`);
        if (n === 3) {
          clearInterval(timer);
          response.end();
        }
      }, 20);
    });
    const socket = connect(site.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text.includes('\r\n\r\n'), 'the head');
    expect(text).to.match(/Set-Cookie: blitz_session=/);
    expect(text).to.not.contain('data: 0');
    await until(() => text.endsWith('0\r\n\r\n'), 'the end');
    expect(text.match(/data: \d/g)).to.deep.equal(['data: 0', 'data: 1', 'data: 2']);
    socket.destroy();
  });

  it('a response of a subclass of ServerResponse is held alike', async () => {
    class Loud extends ServerResponse {
      override end(...args: unknown[]): this {
        this.setHeader('X-Loud', 'yes');
        return (super.end as (...a: unknown[]) => this)(...args);
      }
    }
    const site = await serve((_request, response) => response.end('x'), {
      server: { ServerResponse: Loud as typeof ServerResponse },
    });
    const reply = await site.get('/');
    expect([reply.headers['x-loud'], reply.body, reply.cookies.length]).to.deep.equal(['yes', 'x', 1]);
  });
});
