import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as attendre } from 'node:timers/promises';
import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';

const versAccueil = (response) => response.writeHead(303, { Location: '/' }).end();

const pages = {
  'GET /': (_request, response) =>
    response.end(`${session('nom', 'Inconnu')}, ${session('visites', 0)} visites\n`),
  'GET /visite': async (request, response) => {
    const avant = request.session().get('visites', 0);
    // Une base, un service distant : pendant ce temps, le même visiteur peut demander autre chose.
    await attendre(5);
    request.session().put('visites', avant + 1);
    response.end(`Visite numéro ${avant + 1}\n`);
  },
  'POST /connexion': async (request, response) => {
    await session().regenerate();
    session().put('nom', request.champs.get('nom'));
    versAccueil(response);
  },
  'POST /deconnexion': async (_request, response) => {
    await session().destroy();
    versAccueil(response);
  },
};

const app = await Application.boot();
const repondre = withSession(app, (request, response) => {
  const page = pages[`${request.method} ${request.url}`];
  return page ? page(request, response) : response.writeHead(404).end('Rien ici.\n');
});

const server = createServer(async (request, response) => {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  // Le corps est lu d'abord : un envoi lent ne retient pas la session. Bornez-en la taille dans un vrai programme.
  if (request.method === 'POST') request.champs = new URLSearchParams(await text(request));
  repondre(request, response);
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => app.close()));
