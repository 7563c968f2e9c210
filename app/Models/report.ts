import { session } from 'blitz-session';
import { type Bar, type Chart, chartOf, spanOf } from './chart.ts';
import { findRun, type Mark, WRITES } from './run.ts';

/** One side of a run: what was kept, and when each request waited and wrote. */
export interface Side {
  readonly kept: number;
  readonly chart: Chart;
}

export interface Report {
  readonly writes: number;
  readonly locked: Side;
  readonly unlocked: Side;
  /** Invented, to show what is meant, before the visitor has made a run. */
  readonly example: boolean;
}

/** What became of this session's last run; undefined when there was none, or not a whole one. */
export function lastReport(): Report | undefined {
  const { cle, ordre = [] } = session('essai') ?? {};
  const run = findRun(cle);
  if (run === undefined || run.locked.length < WRITES || run.unlocked.length < WRITES) return undefined;
  return reportOf(barsOf(run.locked, ordre), barsOf(run.unlocked, run.memory), false);
}

/** Both charts on one scale, so that their lengths can be compared. */
function reportOf(locked: readonly Bar[], unlocked: readonly Bar[], example: boolean): Report {
  const scale = Math.max(spanOf(locked), spanOf(unlocked));
  const side = (bars: readonly Bar[]): Side => ({
    kept: bars.filter(({ kept }) => kept).length,
    chart: chartOf(bars, scale),
  });
  return { writes: WRITES, locked: side(locked), unlocked: side(unlocked), example };
}

/** In the order of their arrival. */
function barsOf(marks: readonly Mark[], kept: readonly number[]): Bar[] {
  return [...marks]
    .sort((one, other) => one.arrived - other.arrived || one.began - other.began)
    .map(({ number, arrived, began, written }) => ({
      label: String(number),
      arrived,
      began,
      ended: written,
      kept: kept.includes(number),
    }));
}

/** What a browser's twenty requests look like, six of them under way at a time. */
export function exampleReport(): Report {
  const [connections, turn, work] = [6, 6, 5.6];
  const locked = numbers().map((at): Bar => {
    const arrived = Math.max(0, at - connections + 1) * turn + (at % connections) * 0.2;
    return { label: String(at + 1), arrived, began: at * turn + 0.3, ended: (at + 1) * turn, kept: true };
  });
  const unlocked = numbers().map((at): Bar => {
    const arrived = Math.floor(at / connections) * (work + 1) + (at % connections) * 0.25;
    const last = at % connections === connections - 1 || at === WRITES - 1;
    return { label: String(at + 1), arrived, began: arrived, ended: arrived + work, kept: last };
  });
  return reportOf(locked, unlocked, true);
}

function numbers(): number[] {
  return Array.from({ length: WRITES }, (_, at) => at);
}
