import { Controller, type RedirectResponse, redirect, session, type View, view } from 'blitz-session';
import { chartOf, spanOf } from '../Models/chart.ts';
import { type Story, tellStories } from '../Models/comeback.ts';

interface Stories {
  readonly session: Story;
  readonly memory: Story;
}

/** Who signs out stays signed out, whatever a slow request writes afterwards. */
export class ComebackController extends Controller {
  show(): View {
    const stories = session().flashed<Stories>('recit');
    return view('comeback', { sides: stories === undefined ? undefined : drawn(stories) });
  }

  async tell(): Promise<RedirectResponse> {
    // The visitor's own session need not wait for this: its lock is free while the stories are told.
    await session().close();
    const stories = await tellStories('Camille');
    await session().start();
    return redirect().route('comeback').with('recit', stories).withFragment('resultat');
  }
}

function drawn({ session, memory }: Stories) {
  const scale = Math.max(...[session, memory].map(({ write, signOut }) => spanOf([write, signOut])));
  const side = ({ write, signOut, found }: Story) => ({ found, chart: chartOf([write, signOut], scale) });
  return { session: side(session), memory: side(memory) };
}
