import { setTimeout as attendre } from 'node:timers/promises';
import formbody from '@fastify/formbody';
import { Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/fastify';
import { fastify } from 'fastify';

const app = await Application.boot();
const server = fastify();
await server.register(formbody);
await server.register(startSession, { app });

server.get('/', async () => `${session('nom', 'Inconnu')}, ${session('visites', 0)} visites\n`);

server.get('/visite', async (request) => {
  const avant = request.session().get('visites', 0);
  // Une base, un service distant : pendant ce temps, le même visiteur peut demander autre chose.
  await attendre(5);
  request.session().put('visites', avant + 1);
  return `Visite numéro ${avant + 1}\n`;
});

server.post('/connexion', async (request, reply) => {
  await session().regenerate();
  session().put('nom', request.body.nom);
  return reply.redirect('/', 303);
});

server.post('/deconnexion', async (_request, reply) => {
  await session().destroy();
  return reply.redirect('/', 303);
});

console.log(await server.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }));

process.once('SIGTERM', async () => {
  await server.close();
  await app.close();
});
