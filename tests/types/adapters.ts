import type { Store } from 'blitz-session';
import type { startSession as fastifySession } from 'blitz-session/fastify';
import { withSession } from 'blitz-session/fetch';
import type { startSession as honoSession } from 'blitz-session/hono';
import type { startSession as koaSession } from 'blitz-session/koa';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context as HonoContext } from 'hono';
import { Hono } from 'hono';
import Koa, { type Context as KoaContext } from 'koa';

declare const app: Parameters<typeof koaSession>[0];
declare const plugin: typeof fastifySession;
declare const hono: typeof honoSession;
declare const koa: typeof koaSession;

/** Each request knows its session. */
export const stores: readonly ((request: never) => Store)[] = [
  (request: FastifyRequest) => request.session(),
  (ctx: KoaContext) => ctx.session(),
  (c: HonoContext) => c.session(),
  (c: HonoContext) => c.get('session'),
  (c: HonoContext) => c.var.session,
];

/** What is written for a server is taken by it, and options are functions of its requests. */
export async function used(server: FastifyInstance): Promise<void> {
  await server.register(plugin, { app, skip: (request) => request.routeOptions.url === '/', readOnly: true });
  // @ts-expect-error: without an application there are no sessions
  await server.register(plugin, { skip: true });
  new Koa().use(koa(app, { skip: (ctx) => ctx.path === '/', start: (ctx) => ctx.is('json') === false }));
  new Hono().use(hono(app, { context: false, ip: (c) => c.req.header('x-real-ip') }));
  // @ts-expect-error: Koa knows the address
  koa(app, { ip: () => '203.0.113.7' });
}

/** What a server gives beside the request keeps its type. */
export const answer: (request: Request, bindings: { peer: string }) => Promise<Response> = withSession(
  app,
  (_request, session, { peer }: { peer: string }) => new Response(session.get(peer, 'none')),
  { ip: (_request, { peer }) => peer },
);
export const plain: (request: Request) => Promise<Response> = withSession(app, () => new Response());
