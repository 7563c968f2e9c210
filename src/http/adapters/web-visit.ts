import type { ConfigService } from '../../config/config-service.js';
import { currentSession } from '../../container/current-session.js';
import type { Awaitable } from '../../contracts/session.js';
import { BlitzError } from '../../errors.js';
import type { FailureListener } from '../../session/operations.js';
import type { Store } from '../../session/store.js';
import { language } from '../../support/language.js';
import { turnEnded } from '../../support/turn.js';
import type { Application } from '../application.js';
import { failureOf, logFailure } from '../failure.js';
import type { Exchange, ExchangeRequest, SessionHeaders, SessionStarter } from '../start-session.js';
import type { WebClient } from './web-client.js';

/** What an adapter knows of a request beside the request itself. */
export interface WebAsked {
  /** The address at the other end, where the application says it. */
  readonly ip: string | undefined;
  readonly readOnly: boolean;
  readonly context: boolean;
  readonly start: boolean;
}

const NO_ADDRESS = {
  fr: "- session.matchIP : cet adaptateur ne connaît pas l'adresse du visiteur ; donnez-lui l'option ip",
  en: "- session.matchIP: this adapter does not know the visitor's address; give it the option ip",
};

/** Throws `E_SESSION_CONFIG` where `matchIP` is set and nobody says the visitor's address. */
export function demandAddress(app: Application, ip: unknown): void {
  const { session } = app.services.get<ConfigService>('config').all();
  if (!session.matchIP || ip !== undefined) return;
  throw new BlitzError('E_SESSION_CONFIG', { details: { faults: NO_ADDRESS[language()] } });
}

/** One request on its way through an adapter whose requests and responses are those of the Web. */
export class WebVisit implements FailureListener {
  readonly #app: Application;
  readonly #client: WebClient;
  readonly #encrypted: boolean;
  #exchange: Exchange | undefined;
  #store: Store = currentSession;
  /** Ends the wait for user code. */
  #fail: ((error: unknown) => void) | undefined;

  /** `encrypted`: whether it came over HTTPS, as far as the server itself knows. */
  constructor(app: Application, client: WebClient, encrypted: boolean) {
    this.#app = app;
    this.#client = client;
    this.#encrypted = encrypted;
  }

  get store(): Store {
    return this.#store;
  }

  /** Waits for the session's turn and opens it. Throws `E_SESSION_CLIENT_LEFT` where nobody is there any more. */
  async open(starter: SessionStarter, { ip, start, readOnly, context }: WebAsked): Promise<void> {
    const client = this.#client;
    const asked: ExchangeRequest = {
      from: {
        peer: ip,
        encrypted: this.#encrypted,
        forwardedFor: client.header('x-forwarded-for'),
        forwardedProto: client.header('x-forwarded-proto'),
      },
      cookie: client.header('cookie'),
      requestedWith: client.header('x-requested-with'),
      readOnly,
      context,
      client,
    };
    if (start) await turnEnded();
    const exchange = start ? await starter.begin(asked) : starter.leave(asked);
    this.#exchange = exchange;
    // Nothing was opened: the session is the one that the context will have.
    this.#store = start ? exchange.store : currentSession;
    if (client.gone) {
      exchange.clientLeft();
      await exchange.finish().catch((error: unknown) => this.report(error));
      throw new BlitzError('E_SESSION_CLIENT_LEFT');
    }
    client.onLeaving(this);
    exchange.onUnseenFailure(this);
  }

  /** The client leaves: its session stays open until user code has ended, at most `lock_ttl`. */
  handleEvent(): void {
    this.#exchange?.clientLeft();
  }

  /** The whole answer has left. */
  answered(): void {
    this.#exchange?.answered();
  }

  /**
   * What user code answers. An operation that fails and whose promise nobody looked at ends the wait for it: `late` is
   * told of an answer that comes after that.
   */
  run<T>(work: () => Awaitable<T>, late?: (answer: T) => void): Promise<T> {
    const exchange = this.#exchange as Exchange;
    return new Promise((resolve, reject) => {
      let failed = false;
      this.#fail = (error) => {
        failed = true;
        reject(error);
      };
      exchange
        .run(async () => work())
        .then(
          (answer) => {
            this.#fail = undefined;
            if (failed) late?.(answer);
            else resolve(answer);
          },
          (error: unknown) => {
            this.#fail = undefined;
            if (failed) this.report(error);
            else reject(error);
          },
        );
    });
  }

  unseenFailure(error: unknown): void {
    if (this.#fail === undefined) this.report(error);
    else this.#fail(error);
  }

  /** Writes and unlocks. Rejects with what could not be saved. */
  finish(): PromiseLike<SessionHeaders> {
    return (this.#exchange as Exchange).finish();
  }

  report(error: unknown): void {
    logFailure(this.#app, error);
  }
}

/** The answer to a failure, which is logged. */
export function refusal(app: Application, error: unknown): Response {
  const { status, headers, body } = failureOf(app, error);
  return new Response(body, { status, headers });
}

/** The answer to a client that left: nobody sees it. */
export function unseen(): Response {
  return new Response(null, { status: 499 });
}

/** What the session adds to a response that has these headers; its cookie apart, which is added beside others. */
export function missingHeaders(
  headers: Headers,
  { caching }: SessionHeaders,
): readonly (readonly [name: string, value: string])[] {
  return headers.has('cache-control') ? [] : caching;
}
