import { runInScope } from '../container/request-scope.js';
import type { SessionCookie } from '../cookie/session-cookie.js';
import type { Application } from '../http/application.js';
import type { SessionManager } from '../session/session-manager.js';
import type { Store } from '../session/store.js';
import type { CookieJar } from './cookie-jar.js';
import { type FakeSession, sessionWith } from './fake-session.js';

/** The session of one visitor, seen and prepared from outside any request. */
export class Visitor {
  readonly #app: Application;
  readonly #jar: CookieJar;
  readonly #ip: string;

  constructor(app: Application, jar: CookieJar, ip: string) {
    this.#app = app;
    this.#jar = jar;
    this.#ip = ip;
  }

  /** What the visitor's next request will find. Takes no lock and changes nothing. */
  async look(): Promise<FakeSession> {
    const manager = this.#manager;
    const session = await manager.open({ id: this.#id, ip: this.#ip, readOnly: true });
    const { values, id } = session;
    await runInScope(this.#app.services, session, () => manager.finish(session));
    return sessionWith(values, this.#app.service('clock'), id);
  }

  /** Changes the session between two requests: what was flashed for the next one stays so. */
  async prepare(work: (session: Store) => void): Promise<void> {
    const manager = this.#manager;
    const session = await manager.open({ id: this.#id, ip: this.#ip });
    await runInScope(this.#app.services, session, async () => {
      try {
        if (session.store.getFlashKeys().length > 0) session.store.reflash();
        work(session.store);
      } finally {
        await manager.finish(session);
      }
    });
    this.#jar.set(this.#cookie.name, session.id);
  }

  /** The token that a form of this visitor carries. */
  async token(): Promise<string> {
    const known = (await this.look()).get<unknown>('_token');
    if (typeof known === 'string') return known;
    let token = '';
    await this.prepare((session) => {
      token = session.token();
    });
    return token;
  }

  get #manager(): SessionManager {
    return this.#app.service('sessionManager');
  }

  get #cookie(): SessionCookie {
    return this.#app.service('sessionCookie');
  }

  get #id(): string | undefined {
    return this.#jar.get(this.#cookie.name);
  }
}
