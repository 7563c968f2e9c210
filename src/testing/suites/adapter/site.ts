import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigOverrides } from '../../../contracts/config.js';
import type { HandlerClass } from '../../../contracts/handler.js';
import { Application } from '../../../http/application.js';
import type { SuiteRunner } from '../../suite.js';
import { Actions } from './actions.js';
import { until, Visitor } from './client.js';
import { type Mood, moodyHandler } from './moody-handler.js';
import type { AdapterUnderTest, RunningServer } from './subject.js';

/** A server with the adapter under test, its store, and what its routes do. */
export class Site {
  readonly port: number;
  readonly mood: Mood;
  readonly actions: Actions;
  readonly #app: Application;
  readonly #server: RunningServer;

  private constructor(app: Application, server: RunningServer, mood: Mood, actions: Actions) {
    this.#app = app;
    this.#server = server;
    this.port = server.port;
    this.mood = mood;
    this.actions = actions;
  }

  static async start(subject: AdapterUnderTest, proxied = false): Promise<Site> {
    const { mood, handler } = moodyHandler();
    const config: ConfigOverrides = {
      session: {
        handler: handler as HandlerClass,
        gc_probability: 0,
        lock_ttl: 1,
        lock_wait: 5,
        matchIP: proxied,
      },
      cookie: { secure: 'auto' },
      app: { trust_proxy: proxied ? 1 : false },
    };
    // A folder without config files, routes or listeners.
    const root = join(tmpdir(), 'blitz-session', 'nothing', 'here');
    const app = await Application.boot({ root, config, log: { warn() {}, error() {} } });
    const actions = new Actions();
    const server = await subject.start({
      app,
      proxied,
      actions: actions.table(),
      parts: () => actions.parts(),
      options: (pathOf) => {
        const below = (prefix: string) => (request: Parameters<typeof pathOf>[0]) =>
          new URL(pathOf(request) ?? '/', 'http://x').pathname.startsWith(prefix);
        const [bare, later] = [below('/bare/'), below('/later/')];
        return {
          readOnly: below('/readonly/'),
          skip: below('/skip/'),
          context: (request) => !bare(request),
          start: (request) => !later(request),
        };
      },
    });
    return new Site(app, server, mood, actions);
  }

  /** Somebody new. */
  visitor(cookie?: string): Visitor {
    return new Visitor(this.port, cookie);
  }

  /** Somebody whose `count` is 1. */
  async known(): Promise<Visitor> {
    const visitor = this.visitor();
    await visitor.get('/count');
    return visitor;
  }

  /** What the visitor's session holds now. */
  async seen(visitor: Visitor): Promise<Record<string, unknown>> {
    return JSON.parse((await visitor.get('/readonly/see')).body);
  }

  /** A request to `/slow` that is running; it goes on when it is released. */
  async slow(visitor: Visitor): Promise<{ readonly reply: ReturnType<Visitor['get']>; release(): void }> {
    const reply = visitor.get('/slow');
    reply.catch(() => {});
    await this.running('/slow');
    return { reply, release: () => this.actions.release() };
  }

  /** Waits until `path` has begun to run and waits to be released. */
  running(path: string): Promise<void> {
    return until(() => this.actions.waiting > 0, `${path} running`);
  }

  async close(): Promise<void> {
    this.actions.release();
    await this.#server.close();
    await this.#app.close();
  }
}

/** A group of tests that share one server; the store is in good order before each. */
export function onSite(
  { describe, it, before, after }: SuiteRunner,
  subject: AdapterUnderTest,
  title: string,
  define: (site: () => Site, it: SuiteRunner['it']) => void,
  proxied = false,
): void {
  describe(`${subject.name} adapter: ${title}`, () => {
    let site: Site;
    before(async () => {
      site = await Site.start(subject, proxied);
    });
    after(() => site.close());
    define(
      () => site,
      (test, run) =>
        it(test, async () => {
          Object.assign(site.mood, { read: 'works', write: 'works', reading: 0, writing: 0 });
          site.actions.release();
          await run();
        }),
    );
  });
}
