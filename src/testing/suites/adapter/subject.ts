import type { Awaitable } from '../../../contracts/session.js';
import type { Application } from '../../../http/application.js';
import type { SessionAdapterOptions } from '../../../http/start-session.js';

/**
 * The adapter that is examined. `start` serves, with sessions, every path of `actions` (GET, and HEAD as the framework
 * does it) and these:
 *
 * | route | what it does |
 * |---|---|
 * | `GET /own`, `GET /bare/own` | answers the text of `request.session().increment('own')` |
 * | `POST /form` | puts the field `name` of the body (JSON, form, multipart) under `name`, and answers it |
 * | `GET /redirect` | puts `'redirected'` under `name`, and redirects to `/readonly/see` |
 * | `GET /stream` | increments `count`, and answers with the texts of `parts()`, each as soon as it comes |
 * | `GET /empty` | increments `count`, and answers 204 |
 * | `GET /unchanged` | increments `count`, and answers 304 |
 * | `GET /headers` | increments `count`, sets `X-Own: fine`, `Cache-Control: private, max-age=5` and the cookies `a=1` and `b=2`, and answers `fine` |
 * | `GET /raw` | increments `count`; on Node's response: `writeHead(201, { 'X-Own': 'fine', 'Set-Cookie': ['a=1', 'b=2'] })`, `end('fine')` |
 *
 * Errors that a route throws are left to the framework, which must answer with the error's `status`, else 500.
 */
export interface AdapterUnderTest {
  /** For the titles. */
  readonly name: string;
  /** Starts a server on a free port of 127.0.0.1. */
  start(setting: AdapterSetting): Awaitable<RunningServer>;
  /** Whether a route can write to Node's response itself (`/raw`). Default true. */
  readonly raw?: boolean;
}

export interface AdapterSetting {
  /** What the adapter is given. */
  readonly app: Application;
  /** Paths and what they answer as text. They may throw. */
  readonly actions: Readonly<Record<string, () => Awaitable<string>>>;
  /** The framework must believe the proxy next to it: by its own setting, where it has one. */
  readonly proxied: boolean;
  /** The body of `/stream`; to be called in the handler. */
  parts(): AsyncIterable<string>;
  /** The adapter's options: `pathOf` tells the path, or the address, of a request of the framework. */
  options<Request>(pathOf: (request: Request) => string | undefined): AdapterSuiteOptions<Request>;
}

export type AdapterSuiteOptions<Request> = {
  readonly [Name in 'readOnly' | 'skip' | 'context' | 'start']: Extract<
    SessionAdapterOptions<Request>[Name],
    (request: Request) => boolean
  >;
};

export interface RunningServer {
  readonly port: number;
  close(): Awaitable<unknown>;
}
