import { createHash } from 'node:crypto';
import type { ConfigService } from '../../config/config-service.js';
import type { ServiceContainer } from '../../container/container.js';
import type { Request } from '../request.js';
import type { Response } from '../response.js';
import type { SessionExchange } from '../start-session.js';
import { barOf, type Step } from './markup.js';
import { type Findings, Observation } from './observation.js';
import { addToPage } from './page.js';
import { STYLE } from './style.js';

/** Sessions whose last redirect is remembered. */
const MOST = 100;
/** Redirects that are remembered of one session. */
const STEPS = 5;

/**
 * What development shows at the foot of each page: the session, and what the request made of it. Loaded by the kernel
 * only where it is wanted. It writes nothing to the session, and nothing to a log.
 */
export class DebugBar {
  /** Where its style sheet is served. */
  readonly stylePath = '/_blitz/debug-bar.css';
  readonly style: string = STYLE;
  readonly #handler: string;
  readonly #styleUrl: string;
  /** What redirects changed, by the id of their session, for the page that they lead to. In memory only. */
  readonly #steps = new Map<string, readonly Step[]>();

  constructor(services: ServiceContainer) {
    const { handler } = services.get<ConfigService>('config').all().session;
    this.#handler = typeof handler === 'string' ? handler : handler.name;
    const version = createHash('sha256').update(STYLE).digest('hex').slice(0, 8);
    this.#styleUrl = `${this.stylePath}?${version}`;
  }

  /** Looks at a session that was just opened, or at a route that has none. */
  watch(request: Request, exchange?: SessionExchange): WatchedRequest {
    const seen =
      exchange === undefined
        ? undefined
        : new Observation(exchange.session, performance.now() - request.startedAt);
    return new WatchedRequest(this, request, exchange, seen);
  }

  page(found: Findings | undefined, before: readonly Step[]): string {
    return barOf(this.#handler, this.#styleUrl, found, before);
  }

  /** What redirects changed before this page, once. */
  take(id: string): readonly Step[] {
    const steps = this.#steps.get(id) ?? [];
    this.#steps.delete(id);
    return steps;
  }

  keep(id: string, steps: readonly Step[]): void {
    // Who has no session has no next page either.
    if (id === '') return;
    const [oldest] = this.#steps.keys();
    if (this.#steps.size >= MOST && oldest !== undefined) this.#steps.delete(oldest);
    this.#steps.set(id, steps.slice(-STEPS));
  }
}

/** One request under the eyes of the bar. */
export class WatchedRequest {
  readonly #bar: DebugBar;
  readonly #request: Request;
  readonly #exchange: SessionExchange | undefined;
  readonly #seen: Observation | undefined;
  #step: Step | undefined;

  constructor(
    bar: DebugBar,
    request: Request,
    exchange: SessionExchange | undefined,
    seen: Observation | undefined,
  ) {
    this.#bar = bar;
    this.#request = request;
    this.#exchange = exchange;
    this.#seen = seen;
  }

  /** Before the session is saved: what it holds now is what will be stored. */
  show(response: Response): void {
    const { statusCode: status } = response;
    if (status >= 300 && status < 400) {
      const label = `${this.#request.method()} ${this.#request.path()} → ${status}`;
      if (this.#seen !== undefined) this.#step = { label, changes: this.#seen.findings().changes };
      return;
    }
    addToPage(response, this.#request, () => {
      const before = this.#seen === undefined ? [] : this.#bar.take(this.#seen.id);
      return this.#bar.page(this.#seen?.findings(), before);
    });
  }

  /** After the session was saved, maybe under another id: a redirect's changes wait for the page that follows. */
  saved(): void {
    if (this.#step === undefined || this.#seen === undefined || this.#exchange === undefined) return;
    const earlier = this.#bar.take(this.#seen.id);
    this.#bar.keep(this.#exchange.session.id, [...earlier, this.#step]);
  }
}
