import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Application, Session } from 'blitz-session';
import { expect } from 'chai';
import { ask, dial, sleep, until } from '../fixtures/http.ts';
import { Browser } from '../fixtures/kernel-site.ts';
import { temporaryFolder, Worker } from '../fixtures/processes.ts';

const CHILD = fileURLToPath(new URL('../fixtures/kernel-child.mjs', import.meta.url));

/** A server in a process of its own; see kernel-child.mjs. */
class Served {
  readonly child: ChildProcess;
  readonly messages: Record<string, unknown>[] = [];
  url = '';

  constructor(folder: string) {
    const fromSource = process.env['TSX_TSCONFIG_PATH'] !== undefined;
    this.child = fork(CHILD, [folder], { execArgv: fromSource ? ['--import', 'tsx'] : [] });
    this.child.on('message', (message) => this.messages.push(message as Record<string, unknown>));
  }

  static async start(folder: string): Promise<Served> {
    const served = new Served(folder);
    while (served.url === '') {
      served.url = String((await served.told('url'))['url']);
    }
    return served;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Waits until the process has said something that has the field. */
  async told(field: string, times = 1): Promise<Record<string, unknown>> {
    for (;;) {
      const said = this.messages.filter((message) => field in message);
      if (said.length >= times) return said[times - 1] as Record<string, unknown>;
      if (this.child.exitCode !== null) throw new Error(`the server ended with ${this.child.exitCode}`);
      await sleep(5);
    }
  }

  /** Asks it to end; resolves to its exit code once it has. */
  async end(): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await this.told('closing');
    return this.#code(ended);
  }

  async #code(ended: Promise<unknown[]>): Promise<number | null> {
    const [code] = (await ended) as [number | null];
    return code;
  }
}

describe('kernel: graceful stop', () => {
  let folder: string;
  let served: Served;

  beforeEach(async () => {
    folder = await temporaryFolder();
    served = await Served.start(folder);
  });

  afterEach(async () => {
    if (served.child.exitCode === null) {
      const ended = once(served.child, 'exit');
      served.child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true });
  });

  it('ends at once when nothing is in flight', async () => {
    const browser = new Browser(served.url);
    expect((await browser.get('/')).body).to.equal('hello');
    const began = performance.now();
    expect(await served.end()).to.equal(0);
    expect(performance.now() - began).to.be.below(2000);
  });

  it('requests in flight, and those that wait for their session, are answered and saved', async () => {
    const browser = new Browser(served.url);
    await browser.get('/');
    const inFlight = browser.get('/slow/300');
    await served.told('inside');
    const waiting = browser.twin().get('/slow/10');
    await sleep(50);
    const ending = served.end();
    await served.told('closing');
    await sleep(50);
    const refused = await ask(served.port, '/').then(
      (reply) => reply.status,
      (error: { code: string }) => error.code,
    );
    expect(refused).to.equal('ECONNREFUSED');
    expect((await inFlight).body).to.equal('done 1');
    expect((await waiting).body).to.equal('done 2');
    expect(await ending).to.equal(0);
    const app = await Application.boot({
      root: folder,
      config: { session: { handler: 'file', savePath: folder, gc_probability: 0 } },
    });
    expect(await Session.run(browser.id, (store) => store.get('n'))).to.equal(2);
    await app.close();
  });

  it('the lock of a request in flight is free for another process as soon as it was answered', async () => {
    const browser = new Browser(served.url);
    await browser.get('/');
    const worker = await Worker.start({ handler: 'file', savePath: folder, gc_probability: 0 });
    const inFlight = browser.get('/slow/200');
    await served.told('inside');
    const ending = served.end();
    await served.told('closing');
    await inFlight;
    const began = performance.now();
    await worker.ask('increment', { id: browser.id, times: 1 });
    expect(performance.now() - began).to.be.below(500);
    await ending;
    expect((await worker.ask('turns', { id: browser.id, times: 1 }))['result']).to.have.length(1);
    await worker.stop();
  });

  it('idle connections are closed, those that never asked anything among them', async () => {
    const idle = await dial(served.port);
    idle.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => idle.received().includes('hello'), 'the answer');
    const silent = await dial(served.port);
    const closed = Promise.all([once(idle.socket, 'close'), once(silent.socket, 'close')]);
    const began = performance.now();
    expect(await served.end()).to.equal(0);
    await closed;
    expect(performance.now() - began).to.be.below(2000);
  });

  it('a connection that is kept alive is closed after the answer in flight', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answer = ask(served.port, '/slow/200', { agent });
    await served.told('inside');
    const ending = served.end();
    await served.told('closing');
    const late = ask(served.port, '/', { agent }).then(
      (reply) => reply.status,
      () => 'closed',
    );
    expect((await answer).body).to.equal('done 1');
    expect(await late).to.be.oneOf(['closed', 503, 200]);
    expect(await ending).to.equal(0);
    agent.destroy();
  });

  it('a stream that has begun is sent to its end', async () => {
    const answer = ask(served.port, '/stream/300');
    await served.told('inside');
    const ending = served.end();
    expect((await answer).body).to.equal('begun ended');
    expect(await ending).to.equal(0);
  });

  it('what never ends is cut off after ten seconds: an action, and an upload', async function () {
    this.timeout(40_000);
    const browser = new Browser(served.url);
    await browser.get('/');
    const stuck = browser.get('/stuck').catch(() => 'cut off');
    await served.told('inside');
    const upload = await dial(served.port);
    upload.socket.write(
      'POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nabc',
    );
    const began = performance.now();
    expect(await served.end()).to.equal(0);
    expect(performance.now() - began).to.be.within(5000, 14_000);
    expect(await stuck).to.equal('cut off');
  });
});
