import { setTimeout as attendre } from 'node:timers/promises';
import { Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/express';
import express from 'express';

const app = await Application.boot();
const site = express();
// Le corps est lu d'abord : un envoi lent ne retient pas la session.
site.use(express.urlencoded({ extended: false }));
site.use(startSession(app));

site.get('/', (_request, response) => {
  response.send(`${session('nom', 'Inconnu')}, ${session('visites', 0)} visites\n`);
});

site.get('/visite', async (request, response) => {
  const avant = request.session().get('visites', 0);
  // Une base, un service distant : pendant ce temps, le même visiteur peut demander autre chose.
  await attendre(5);
  request.session().put('visites', avant + 1);
  response.send(`Visite numéro ${avant + 1}\n`);
});

site.post('/connexion', async (request, response) => {
  await session().regenerate();
  session().put('nom', request.body.nom);
  response.redirect(303, '/');
});

site.post('/deconnexion', async (_request, response) => {
  await session().destroy();
  response.redirect(303, '/');
});

const server = site.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => app.close()));
