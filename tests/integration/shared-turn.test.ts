import { rm } from 'node:fs/promises';
import { FileHandler, Session, type SessionOptions, session } from 'blitz-session';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { closeSites, complaints, exchange, serve } from '../fixtures/http.js';
import { temporaryFolder, Worker } from '../fixtures/processes.js';

/** Requests in one piece are read in one turn of the event loop. */
const pipelined = (ids: string[]) =>
  ids
    .map(
      (id, at) =>
        `GET / HTTP/1.1\r\nHost: x\r\nCookie: blitz_session=${id}\r\n${
          at === ids.length - 1 ? 'Connection: close\r\n' : ''
        }\r\n`,
    )
    .join('');

const counts = (answer: string) => answer.match(/<\d+>/g)?.map((each) => Number(each.slice(1, -1)));

describe('requests that arrive together', () => {
  let savePath: string;
  let reads = 0;
  /** From this answer on no lock can be given up without an error. */
  let failing = Number.POSITIVE_INFINITY;
  let answers = 0;

  let wanted = false;

  class Counting extends FileHandler {
    override uncontended() {
      return !wanted && super.uncontended();
    }

    override read(id: string) {
      reads++;
      return super.read(id);
    }

    override close() {
      super.close();
      if (answers >= failing) throw new Error('close failed');
    }
  }

  beforeEach(async () => {
    savePath = await temporaryFolder();
    failing = Number.POSITIVE_INFINITY;
    answers = 0;
    wanted = false;
  });
  afterEach(async () => {
    await closeSites();
    await rm(savePath, { recursive: true, force: true });
  });

  const settings = (handler: NonNullable<SessionOptions['handler']>): SessionOptions => ({
    handler,
    savePath,
    gc_probability: 0,
    lock_wait: 1,
  });

  async function begin(visitors: number) {
    const site = await serve(
      (request, response) => {
        answers++;
        if (request.headers.cookie?.endsWith('forget=1')) {
          session().destroy();
          response.end('<0>');
          return;
        }
        response.end(`<${session().increment('n')}>`);
      },
      { session: settings(Counting) },
    );
    const ids: string[] = [];
    for (let each = 0; each < visitors; each++) {
      ids.push(
        await Session.run(undefined, (store) => {
          store.put('n', 0);
          return store.id;
        }),
      );
    }
    reads = 0;
    return { site, ids: ids as [string, ...string[]] };
  }

  /** Another process takes each of them once more, and waits for no longer than a second. */
  async function takenElsewhere(ids: string[]): Promise<unknown[]> {
    const worker = await Worker.start(settings('file'));
    try {
      for (const id of ids) await worker.ask('turns', { id, times: 1 });
    } finally {
      await worker.stop();
    }
    return Promise.all(ids.map((id) => Session.run(id, (store) => store.get('n'))));
  }

  it('for one session share its lock, once it is known that they come together', async () => {
    const { site, ids } = await begin(1);
    const answer = await exchange(site.port, pipelined(Array(12).fill(ids[0])));
    expect(counts(answer)).to.deep.equal(Array.from({ length: 12 }, (_, n) => n + 1));
    expect(reads).to.equal(2);
    expect(await takenElsewhere(ids)).to.deep.equal([13]);
  });

  it('give the lock back after sixteen when another process waits', async () => {
    const { site, ids } = await begin(1);
    wanted = true;
    const answer = await exchange(site.port, pipelined(Array(40).fill(ids[0])));
    expect(counts(answer)).to.have.length(40);
    expect(reads).to.be.at.least(4);
  });

  it('for several sessions leave none of them locked', async () => {
    const { site, ids } = await begin(3);
    const [a, b, c] = ids as [string, string, string];
    const answer = await exchange(site.port, pipelined([a, a, a, b, a, b, b, c, b, c]));
    expect(counts(answer)).to.deep.equal([1, 2, 3, 1, 4, 2, 3, 1, 4, 2]);
    expect(await takenElsewhere(ids)).to.deep.equal([5, 5, 3]);
  });
  it('share no session that one of them destroyed', async () => {
    const { site, ids } = await begin(1);
    const [id] = ids;
    const answer = await exchange(site.port, pipelined([id, id, id, `${id}; forget=1`, id, id]));
    expect(counts(answer)).to.deep.equal([1, 2, 3, 0, 1, 1]);
  });

  it('are answered although the lock that they shared could not be given up cleanly', async () => {
    const { site, ids } = await begin(2);
    const [a, b] = ids as [string, string];
    failing = 2;
    const heard = await complaints(async () => {
      const answer = await exchange(site.port, pipelined([a, a, a, b]));
      expect(answer.match(/HTTP\/1.1 \d+/g)).to.deep.equal([
        'HTTP/1.1 200',
        'HTTP/1.1 200',
        'HTTP/1.1 200',
        'HTTP/1.1 503',
      ]);
    });
    failing = Number.POSITIVE_INFINITY;
    expect(heard).to.deep.equal([]);
    expect(await takenElsewhere(ids)).to.deep.equal([4, 2]);
  });
});
