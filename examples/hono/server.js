import { setTimeout as attendre } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/hono';
import { Hono } from 'hono';

const app = await Application.boot();
const pages = new Hono();
// Le corps est lu d'abord : un envoi lent ne retient pas la session.
pages.post('*', async (c, next) => {
  await c.req.arrayBuffer();
  await next();
});
pages.use(startSession(app));

pages.get('/', (c) => c.text(`${session('nom', 'Inconnu')}, ${session('visites', 0)} visites\n`));

pages.get('/visite', async (c) => {
  const avant = c.session().get('visites', 0);
  // Une base, un service distant : pendant ce temps, le même visiteur peut demander autre chose.
  await attendre(5);
  c.session().put('visites', avant + 1);
  return c.text(`Visite numéro ${avant + 1}\n`);
});

pages.post('/connexion', async (c) => {
  const { nom } = await c.req.parseBody();
  await session().regenerate();
  session().put('nom', nom);
  return c.redirect('/', 303);
});

pages.post('/deconnexion', async (c) => {
  await session().destroy();
  return c.redirect('/', 303);
});

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: pages.fetch, port, hostname: '127.0.0.1' }, (address) => {
  console.log(`http://127.0.0.1:${address.port}`);
});

process.once('SIGTERM', () => server.close(() => app.close()));
