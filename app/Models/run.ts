import { randomUUID } from 'node:crypto';
import { session } from 'blitz-session';

declare module 'blitz-session' {
  interface SessionData {
    essai: { cle: string; ordre: number[] };
  }
}

/** Writes that one run makes at each of its two stores. */
export const WRITES = 20;
/** Milliseconds between reading and writing. */
export const PAUSE = 5;
/** Runs that are remembered; the oldest makes room. */
const REMEMBERED = 200;

/** What was measured of one write: readings of the server's clock, in milliseconds. */
export interface Mark {
  readonly number: number;
  readonly arrived: number;
  /** The lock was obtained and the value read. */
  readonly began: number;
  readonly written: number;
}

/** One run: its marks, and the list that twenty requests wrote without a lock. */
export interface Run {
  readonly key: string;
  readonly locked: Mark[];
  readonly unlocked: Mark[];
  /** An ordinary store in memory: who writes last has written. */
  memory: readonly number[];
}

const runs = new Map<string, Run>();

/** Begins a run, and forgets the one before in this session. */
export function startRun(): Run {
  const run: Run = { key: randomUUID(), locked: [], unlocked: [], memory: [] };
  runs.delete(session('essai')?.cle ?? '');
  const [oldest] = runs.keys();
  if (runs.size >= REMEMBERED && oldest !== undefined) runs.delete(oldest);
  runs.set(run.key, run);
  session().put('essai', { cle: run.key, ordre: [] });
  return run;
}

export function findRun(key: string | undefined): Run | undefined {
  return key === undefined ? undefined : runs.get(key);
}

/** Whether a request of that number has written already: a run has no more than its twenty. */
export function isWritten(marks: readonly Mark[], number: number): boolean {
  return marks.some((mark) => mark.number === number);
}
