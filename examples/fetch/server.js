import { setTimeout as attendre } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/fetch';

const versAccueil = () => new Response(null, { status: 303, headers: { Location: '/' } });

const pages = {
  'GET /': () => new Response(`${session('nom', 'Inconnu')}, ${session('visites', 0)} visites\n`),
  'GET /visite': async (_request, store) => {
    const avant = store.get('visites', 0);
    // Une base, un service distant : pendant ce temps, le même visiteur peut demander autre chose.
    await attendre(5);
    store.put('visites', avant + 1);
    return new Response(`Visite numéro ${avant + 1}\n`);
  },
  'POST /connexion': async (request, store) => {
    const champs = await request.formData();
    await store.regenerate();
    store.put('nom', champs.get('nom'));
    return versAccueil();
  },
  'POST /deconnexion': async (_request, store) => {
    await store.destroy();
    return versAccueil();
  },
};

const app = await Application.boot();
const repondre = withSession(app, async (request, store) => {
  const page = pages[`${request.method} ${new URL(request.url).pathname}`];
  return page?.(request, store) ?? new Response('Rien ici.\n', { status: 404 });
});

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: (request) => repondre(request), port, hostname: '127.0.0.1' }, (address) => {
  console.log(`http://127.0.0.1:${address.port}`);
});

process.once('SIGTERM', () => server.close(() => app.close()));
