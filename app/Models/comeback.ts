import { setTimeout as sleep } from 'node:timers/promises';
import { BlitzError, Session } from 'blitz-session';
import type { Bar } from './chart.ts';

/** Milliseconds that the slow request thinks before it writes. */
const SLOW = 200;
/** Milliseconds after which the visitor signs out. */
const SIGN_OUT = 50;

/** A slow write, and a sign-out in the middle of it. */
export interface Story {
  readonly write: Bar;
  readonly signOut: Bar;
  /** Who the old cookie finds afterwards. */
  readonly found: string | undefined;
}

type Times = Pick<Bar, 'arrived' | 'began' | 'ended'>;

/** Both stories, told one after the other: a real session of its own, and an ordinary store in memory. */
export async function tellStories(name: string): Promise<{ session: Story; memory: Story }> {
  return { session: await inSession(name), memory: await inMemory(name) };
}

/** The session's lock lets one request in at a time. */
async function inSession(name: string): Promise<Story> {
  const id = await Session.run(undefined, (store) => {
    store.put('visiteur', { nom: name, depuis: new Date() });
    return store.id;
  });
  const clock = startClock();
  const writing = timed(clock, (begin) =>
    Session.run(id, async (store) => {
      begin();
      await sleep(SLOW);
      store.put('lu', true);
    }),
  );
  await sleep(SIGN_OUT);
  const signOut = await timed(clock, (begin) =>
    Session.run(id, async (store) => {
      begin();
      await store.destroy();
    }),
  );
  return storyOf(await writing, signOut, await nameIn(id));
}

/** Whom the session knows, if it is still there. */
async function nameIn(id: string): Promise<string | undefined> {
  try {
    return await Session.run(id, (store) => store.get('visiteur')?.nom, { readOnly: true });
  } catch (error) {
    if (error instanceof BlitzError && error.code === 'E_SESSION_UNKNOWN_ID') return undefined;
    throw error;
  }
}

/** The same steps at a store without a lock: read a copy, think, write it back. */
async function inMemory(name: string): Promise<Story> {
  const store = new Map([['id', { name, read: false }]]);
  const clock = startClock();
  const writing = timed(clock, async (begin) => {
    begin();
    const copy = { ...(store.get('id') ?? { name: '', read: false }) };
    await sleep(SLOW);
    store.set('id', { ...copy, read: true });
  });
  await sleep(SIGN_OUT);
  const signOut = await timed(clock, async (begin) => {
    begin();
    store.delete('id');
  });
  return storyOf(await writing, signOut, store.get('id')?.name);
}

function storyOf(write: Times, signOut: Times, found: string | undefined): Story {
  return {
    write: { label: 'Requête lente', ...write, kept: true },
    signOut: { label: 'Déconnexion', ...signOut, kept: found === undefined },
    found,
  };
}

function startClock(): () => number {
  const zero = performance.now();
  return () => Math.round((performance.now() - zero) * 10) / 10;
}

async function timed(clock: () => number, work: (begin: () => void) => Promise<unknown>): Promise<Times> {
  const arrived = clock();
  let began = arrived;
  await work(() => {
    began = clock();
  });
  return { arrived, began, ended: clock() };
}
