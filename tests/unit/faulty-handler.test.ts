import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, type ErrorCode, FileHandler, isBlitzError, Session } from 'blitz-session';
import { type FaultyHandler, faultyHandler, ManualClock, ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';

async function refused(code: ErrorCode, work: Promise<unknown>): Promise<void> {
  const error = await work.then(
    () => undefined,
    (each: unknown) => each,
  );
  expect(isBlitzError(error, code), String(error)).to.equal(true);
}

describe('faultyHandler', () => {
  const warnings: unknown[] = [];
  const log = {
    warn: (_text: string, details?: Record<string, unknown>) => warnings.push(details?.['code']),
    error() {},
  };
  let faulty: FaultyHandler;
  let app: Application;
  let id: string;

  const increment = () => Session.run(id, (session) => session.increment('n'));

  async function boot(handler: FaultyHandler, more: object = {}, clock = new ShiftedClock()): Promise<void> {
    faulty = handler;
    warnings.length = 0;
    app = await Application.boot({
      root: '/nowhere/faulty',
      clock,
      log,
      config: { session: { handler: handler.handler, gc_probability: 0, ...more } },
    });
    id = await Session.run(undefined, (session) => {
      session.put('n', 0);
      return session.id;
    });
  }

  beforeEach(() => boot(faultyHandler()));
  afterEach(() => app.close());

  it('is the handler below it while nothing is wrong', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, increment));
    expect(all.sort((a, b) => a - b)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('fails, so many times or until it is healed', async () => {
    faulty.fail('read', new Error('down'), 1);
    await refused('E_SESSION_BACKEND', increment());
    expect(await increment()).to.equal(1);
    faulty.fail('write');
    await refused('E_SESSION_BACKEND', increment());
    await refused('E_SESSION_BACKEND', increment());
    faulty.heal();
    expect(await increment()).to.equal(2);
  });

  it('is slow by the clock of the application, and then given up', async () => {
    const clock = new ManualClock();
    await app.close();
    await boot(faultyHandler(), { operation_timeout: 5 }, clock as never);
    faulty.slow('write', 2000, 1);
    const slow = increment();
    await clock.advance(0);
    await clock.advance(2);
    expect(await slow).to.equal(1);
    faulty.slow('read', 60_000, 1);
    const hung = refused('E_SESSION_BACKEND', increment());
    await clock.advance(0);
    await clock.advance(40);
    await hung;
  });

  it('corrupts what is read', async () => {
    faulty.corrupt(1);
    await refused('E_SESSION_UNKNOWN_ID', increment());
    expect(warnings).to.include('E_SESSION_CORRUPT');
  });

  it('loses its lock: nothing is written', async () => {
    await increment();
    faulty.loseLock(1);
    await refused('E_SESSION_LOCK_LOST', increment());
    expect(await increment()).to.equal(2);
  });

  it('works on any handler', async () => {
    const savePath = await mkdtemp(join(tmpdir(), 'blitz-faulty-'));
    try {
      await app.close();
      await boot(faultyHandler(FileHandler), { savePath });
      expect(await increment()).to.equal(1);
      faulty.loseLock(1);
      await refused('E_SESSION_LOCK_LOST', increment());
      faulty.fail('open', new Error('no disk'), 1);
      await refused('E_SESSION_BACKEND', increment());
      faulty.corrupt(1);
      await refused('E_SESSION_UNKNOWN_ID', increment());
    } finally {
      await rm(savePath, { recursive: true, force: true });
    }
  });
});
