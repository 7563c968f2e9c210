import { setTimeout as sleep } from 'node:timers/promises';
import { abort, Controller, type Response, session, type View, view } from 'blitz-session';
import { lastReport } from '../Models/report.ts';
import { findRun, isWritten, PAUSE, startRun } from '../Models/run.ts';

/** Twenty writes at once: at the visitor's session, and at a store without a lock. */
export class ParallelController extends Controller {
  show(): View {
    return view('parallel/page', { report: lastReport() });
  }

  start(): { readonly cle: string } {
    return { cle: startRun().key };
  }

  /** Reads a list, waits, writes it back: under the lock of the session. */
  async writeSession(text: string): Promise<Response> {
    const [began, number] = [performance.now(), Number(text)];
    const run = findRun(session('essai')?.cle) ?? abort(404);
    if (isWritten(run.locked, number)) abort(409);
    const list = session<number[]>('essai.ordre', []);
    await sleep(PAUSE);
    list.push(number);
    session().put('essai.ordre', list);
    // Written when this resolves; the next request has the lock from then on.
    await session().close();
    run.locked.push({ number, arrived: this.request.startedAt, began, written: performance.now() });
    return this.response.noContent();
  }

  /** The same at an ordinary store, where the last one to write is right. */
  async writeMemory(key: string, text: string): Promise<Response> {
    const [began, number] = [performance.now(), Number(text)];
    const run = findRun(key) ?? abort(404);
    if (isWritten(run.unlocked, number)) abort(409);
    const list = [...run.memory];
    await sleep(PAUSE);
    list.push(number);
    run.memory = list;
    run.unlocked.push({ number, arrived: this.request.startedAt, began, written: performance.now() });
    return this.response.noContent();
  }

  /** What became of them, as a piece of the page. */
  report(): View {
    return view('parallel/report', { report: lastReport() ?? abort(404), fresh: true });
  }
}
