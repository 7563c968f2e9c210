import type { Socket } from 'node:net';
import { type HandlerOptions, isBlitzError, MemcachedHandler } from 'blitz-session';
import { expect } from 'chai';
import { handlerOptions, keyOf, opened } from '../fixtures/memcached-store.ts';
import { FakeMemcached } from '../fixtures/servers/fake-memcached.ts';

const ID = 'a'.repeat(64);
const KEY = keyOf(ID);
const PAYLOAD = 'é\r\nEND\r\nVALUE x 0 5\r\nSTORED\r\n🎉\u0000';

function value(text: string): Buffer {
  const bytes = Buffer.from(`1700000000000|${text}`, 'utf8');
  return Buffer.concat([
    Buffer.from(`VALUE ${KEY} 0 ${bytes.length} 42\r\n`),
    bytes,
    Buffer.from('\r\nEND\r\n'),
  ]);
}

describe('the text protocol of memcached', () => {
  let fake: FakeMemcached;
  let options: HandlerOptions;
  let answer: (line: string, socket: Socket) => void;

  beforeEach(async () => {
    fake = await FakeMemcached.start((line, socket) => answer(line, socket));
    options = handlerOptions({ savePath: `127.0.0.1:${fake.port}`, operationTimeout: 0.3 });
  });
  afterEach(() => fake.stop());

  const failure = async (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail('nothing failed'),
      (error: Error) => error,
    );

  it('reads an answer that is cut in two at any byte', async () => {
    const whole = value(PAYLOAD);
    let at = 0;
    answer = (_line, socket) => {
      socket.write(whole.subarray(0, at));
      setTimeout(() => socket.write(whole.subarray(at)), 1);
    };
    const reader = await opened(options);
    for (at = 1; at < whole.length; at++) {
      expect(await reader.peek(ID), `cut after ${at} bytes`).to.equal(PAYLOAD);
      expect(reader.lastActivity).to.equal(1_700_000_000_000);
    }
  });

  it('reads an answer that comes byte by byte', async () => {
    answer = (_line, socket) => {
      for (const byte of value(PAYLOAD)) socket.write(Buffer.of(byte));
    };
    expect(await (await opened(options)).peek(ID)).to.equal(PAYLOAD);
  });

  it('reads many answers that come in one piece, each for its own command', async () => {
    const waiting: Buffer[] = [];
    answer = (line, socket) => {
      const key = line.slice('gets '.length);
      const text = `1700000000000|${key}`;
      waiting.push(Buffer.from(`VALUE ${key} 0 ${text.length} 1\r\n${text}\r\nEND\r\n`));
      if (waiting.length === 50) socket.write(Buffer.concat(waiting));
    };
    const ids = Array.from({ length: 50 }, (_, n) => String(n).padStart(64, '0'));
    const readers = await Promise.all(ids.map(() => opened(options)));
    const read = await Promise.all(readers.map((reader, n) => reader.peek(ids[n] as string)));
    expect(read).to.deep.equal(ids.map(keyOf));
    expect(fake.connections).to.equal(1);
  });

  it('reads the answer behind a value of any length', async () => {
    let length = 0;
    let waiting: Buffer[] = [];
    answer = (line, socket) => {
      const key = line.slice('gets '.length);
      const text = `1700000000000|${waiting.length === 0 ? '\n'.repeat(length) : key}`;
      waiting.push(Buffer.from(`VALUE ${key} 0 ${text.length} 1\r\n${text}\r\nEND\r\n`));
      if (waiting.length < 2) return;
      socket.write(Buffer.concat(waiting));
      waiting = [];
    };
    const ids = [ID, 'b'.repeat(64)] as const;
    const [first, second] = await Promise.all([opened(options), opened(options)]);
    for (length of [...Array(500).keys()].map((n) => n + 3700).concat(8191, 8192, 8193, 20_000)) {
      const read = await Promise.all([first.peek(ids[0]), second.peek(ids[1])]);
      expect(read[0], `${length} characters`).to.have.length(length);
      expect(read[1], `behind ${length} characters`).to.equal(keyOf(ids[1]));
    }
  });

  it('reads a large value that comes in many pieces', async () => {
    const text = 'é'.repeat(400_000);
    answer = (_line, socket) => {
      const whole = value(text);
      for (let at = 0; at < whole.length; at += 1009) socket.write(whole.subarray(at, at + 1009));
    };
    expect(await (await opened(options)).peek(ID)).to.equal(text);
  });

  for (const [what, text] of Object.entries({
    'another protocol': 'HTTP/1.1 400 Bad Request\r\n\r\n',
    'a line without an end': 'x'.repeat(20_000),
    'a length that is no number': `VALUE ${KEY} 0 abc 1\r\n`,
    'a value of another length': `VALUE ${KEY} 0 3 1\r\nabcdef\r\nEND\r\n`,
  })) {
    it(`fails on ${what}, and connects anew`, async () => {
      let wrong = true;
      answer = (_line, socket) => {
        socket.write(wrong ? text : value('right'));
      };
      const reader = await opened(options);
      expect((await failure(reader.peek(ID))).message).to.contain('not in the text protocol');
      wrong = false;
      expect(await reader.peek(ID)).to.equal('right');
    });
  }

  it('gives the server’s refusal as the cause, without a key', async () => {
    answer = (_line, socket) => socket.write('SERVER_ERROR out of memory writing get response\r\n');
    const error = await failure((await opened(options)).peek(ID));
    expect(error.message).to.equal('memcached: SERVER_ERROR out of memory writing get response');
  });

  it('stops at an answer that nobody asked for', async () => {
    answer = (_line, socket) => socket.write(Buffer.concat([value('one'), value('two')]));
    const reader = await opened(options);
    expect(await reader.peek(ID)).to.equal('one');
    answer = (_line, socket) => socket.write(value('three'));
    expect(await reader.peek(ID)).to.equal('three');
  });

  it('takes the late answer of a command out of the line, as long as the server speaks', async () => {
    const whole = value('late');
    let sent = 0;
    let dribble: NodeJS.Timeout | undefined;
    answer = (line, socket) => {
      if (line.endsWith(ID)) {
        dribble = setInterval(() => socket.write(whole.subarray(sent, ++sent)), 50);
        return;
      }
      clearInterval(dribble);
      socket.write(whole.subarray(sent));
      socket.write('END\r\n');
    };
    const [first, second] = [await opened(options), await opened(options)];
    expect((await failure(first.peek(ID))).message).to.contain('no answer within 0.3 s');
    expect(sent).to.be.within(1, whole.length - 1);
    expect(await second.peek('b'.repeat(64))).to.equal('');
    expect(fake.connections).to.equal(1);
  });

  it('drops a connection on which nothing comes, within the operation time-out', async () => {
    let silent = true;
    answer = (_line, socket) => {
      if (!silent) socket.write(value('back'));
    };
    const reader = await opened(options);
    const began = performance.now();
    expect((await failure(reader.peek(ID))).message).to.contain('no answer within 0.3 s');
    expect(performance.now() - began).to.be.within(280, 2000);
    silent = false;
    expect(await reader.peek(ID)).to.equal('back');
  });

  it('blames no server that it connects to while the process stands still', async () => {
    answer = (_line, socket) => socket.write(value('there'));
    const reading = (await opened(options)).peek(ID);
    const end = performance.now() + 500;
    while (performance.now() < end);
    expect(await reading).to.equal('there');
    expect(fake.connections).to.equal(1);
  });

  it('refuses keys that could be taken for something else, before anything is sent', async () => {
    answer = (_line, socket) => socket.write('END\r\n');
    const reader = await opened(options);
    for (const id of ['a b', 'a\r\nflush_all', 'a\u0000', 'é', 'x'.repeat(300)]) {
      const error = await failure(reader.peek(id));
      expect(error, JSON.stringify(id)).to.be.instanceOf(TypeError);
    }
    expect(fake.lines).to.deep.equal([]);
  });

  it('refuses a server without cas, and one that is too old', async () => {
    for (const greeting of [
      'VERSION 1.6.18\r\nSTAT cas_enabled no\r\nEND\r\n',
      'VERSION 1.4.39\r\nSTAT cas_enabled yes\r\nEND\r\n',
    ]) {
      const unfit = await FakeMemcached.start(() => {}, { greeting });
      const strange = handlerOptions({ savePath: `127.0.0.1:${unfit.port}` });
      const error = await failure(MemcachedHandler.boot(strange));
      expect(isBlitzError(error, 'E_SESSION_SAVE_PATH'), greeting).to.equal(true);
      await unfit.stop();
    }
  });
});
