import { setTimeout as attendre } from 'node:timers/promises';
import { bodyParser } from '@koa/bodyparser';
import { Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/koa';
import Koa from 'koa';

const pages = {
  'GET /': (ctx) => {
    ctx.body = `${session('nom', 'Inconnu')}, ${session('visites', 0)} visites\n`;
  },
  'GET /visite': async (ctx) => {
    const avant = ctx.session().get('visites', 0);
    // Une base, un service distant : pendant ce temps, le même visiteur peut demander autre chose.
    await attendre(5);
    ctx.session().put('visites', avant + 1);
    ctx.body = `Visite numéro ${avant + 1}\n`;
  },
  'POST /connexion': async (ctx) => {
    await session().regenerate();
    session().put('nom', ctx.request.body.nom);
    ctx.status = 303;
    ctx.redirect('/');
  },
  'POST /deconnexion': async (ctx) => {
    await session().destroy();
    ctx.status = 303;
    ctx.redirect('/');
  },
};

const app = await Application.boot();
const koa = new Koa();
// Le corps est lu d'abord : un envoi lent ne retient pas la session.
koa.use(bodyParser());
koa.use(startSession(app));
koa.use((ctx) => pages[`${ctx.method} ${ctx.path}`]?.(ctx));

const server = koa.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});

process.once('SIGTERM', () => server.close(() => app.close()));
