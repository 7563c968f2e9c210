import { Application, Session, type SessionOptions } from 'blitz-session';
import { Worker } from '../fixtures/processes.ts';
import { QuietLog } from '../fixtures/store-app.ts';

/** Something that goes wrong, and is right again when the promise is done. */
export interface Fault {
  readonly name: string;
  /** Whether the store has its data afterwards; what was told as saved is then looked for. */
  readonly keepsData: boolean;
  run(): Promise<void>;
}

export interface SoakStore {
  readonly options: SessionOptions;
  readonly faults: readonly Fault[];
}

/** A store that a soak has for itself. */
export interface Started {
  readonly store: SoakStore;
  stop(): Promise<void>;
}

export interface SoakPlan {
  readonly rounds: number;
  /** Seconds of load in each round; its fault comes after a quarter of them. */
  readonly seconds: number;
  readonly workers: number;
  readonly log?: (line: string) => void;
}

interface Loaded {
  readonly saved: number[][];
  readonly failed: Record<string, number>;
  readonly requests: number;
  readonly handles: number;
  readonly heap: number;
}

const SESSIONS = 6;
/** What a request may fail with while its store fails. */
const FAILURES: ReadonlySet<string> = new Set([
  'E_SESSION_BACKEND',
  'E_SESSION_LOCK_LOST',
  'E_SESSION_LOCK_TIMEOUT',
  'E_SESSION_BUSY',
]);
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Mixed load of several processes on shared sessions with a fault in each round. Afterwards no write that was told as
 * saved is missing (unless the store lost its data), every session can be opened, no process has ended, and neither
 * memory nor handles have grown. Throws the first violation.
 */
export async function soak(store: SoakStore, plan: SoakPlan): Promise<void> {
  const options: SessionOptions = {
    lock_ttl: 2,
    lock_wait: 5,
    operation_timeout: 1,
    gc_probability: 0,
    ...store.options,
  };
  const app = await Application.boot({ root: '/nowhere', log: new QuietLog(), config: { session: options } });
  const workers = await Promise.all(Array.from({ length: plan.workers }, () => Worker.start(options)));
  const sizes: Pick<Loaded, 'heap' | 'handles'>[][] = [];
  try {
    for (let round = 0; round < plan.rounds; round++) {
      const fault = store.faults[round % store.faults.length] as Fault;
      const loads = await oneRound(fault, workers, plan.seconds);
      sizes.push(loads);
      const requests = loads.reduce((sum, each) => sum + each.requests, 0);
      const failed = JSON.stringify(loads.map((each) => each.failed));
      const heap = loads
        .map((each) => `${(each.heap / 2 ** 20).toFixed(1)} MB, ${each.handles} handles`)
        .join('; ');
      plan.log?.(
        `round ${round + 1}/${plan.rounds}, ${fault.name}: ${requests} requests, failed ${failed}; ${heap}`,
      );
    }
    checkGrowth(sizes);
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await app.close();
  }
}

async function oneRound(fault: Fault, workers: readonly Worker[], seconds: number): Promise<Loaded[]> {
  const ids = await Promise.all(Array.from({ length: SESSIONS }, create));
  const loading = Promise.all(workers.map((worker) => worker.ask('load', { ids, seconds })));
  const failing = pause(seconds / 4).then(() => fault.run());
  const [answers] = await Promise.all([loading, failing]);
  const loads = answers.map(({ result }) => result as Loaded);
  for (const { failed } of loads) {
    for (const code of Object.keys(failed)) {
      if (FAILURES.has(code) || (!fault.keepsData && code === 'E_SESSION_UNKNOWN_ID')) continue;
      throw new Error(`${fault.name}: a request failed with ${code}`);
    }
  }
  for (const [n, id] of ids.entries())
    await checkSession(
      fault,
      id,
      loads.flatMap(({ saved }) => saved[n] ?? []),
    );
  return loads;
}

function create(): Promise<string> {
  return patiently(() =>
    Session.run(undefined, (session) => {
      session.put('n', 0);
      return session.id;
    }),
  );
}

/** Every increment that was told as saved gave a number of its own, and the last one is there. */
async function checkSession(fault: Fault, id: string, saved: readonly number[]): Promise<void> {
  const found = await patiently(() =>
    Session.run(id, (session) => session.get('n') as number).catch((error: { code?: string }) => {
      if (error.code === 'E_SESSION_UNKNOWN_ID') return undefined;
      throw error;
    }),
  );
  if (!fault.keepsData) return;
  if (found === undefined) throw new Error(`${fault.name}: a session is gone`);
  if (new Set(saved).size !== saved.length)
    throw new Error(`${fault.name}: two requests saved the same number`);
  const highest = saved.reduce((most, number) => Math.max(most, number), 0);
  if (found < highest) throw new Error(`${fault.name}: ${found} is stored, ${highest} was told as saved`);
}

/** A store that was just harmed may need its time, but not more than a lease and a moment. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(0.05);
    }
  }
}

/** The last third of the rounds beside the first; a short run says nothing. */
function checkGrowth(sizes: readonly Pick<Loaded, 'heap' | 'handles'>[][]): void {
  if (sizes.length < 12) return;
  const third = Math.floor(sizes.length / 3);
  const median = (rounds: typeof sizes, field: 'heap' | 'handles') => {
    const numbers = rounds.flatMap((round) => round.map((each) => each[field])).sort((a, b) => a - b);
    return numbers[numbers.length >> 1] ?? 0;
  };
  const [first, last] = [sizes.slice(0, third), sizes.slice(-third)];
  if (median(last, 'heap') > median(first, 'heap') * 1.25 + 5 * 2 ** 20) throw new Error('memory has grown');
  if (median(last, 'handles') > median(first, 'handles') + 5) throw new Error('handles have grown');
}
