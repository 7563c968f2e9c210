import { ServiceContainer } from '../container/container.js';
import { findServices } from '../container/current.js';
import { currentSession } from '../container/current-session.js';
import { ConsoleLogger } from '../container/log.js';
import { runInScope } from '../container/request-scope.js';
import type { Clock } from '../contracts/clock.js';
import type { Values } from '../contracts/session.js';
import type { SessionValues } from '../contracts/session-paths.js';
import { EventManager } from '../events/event-manager.js';
import { Store } from '../session/store.js';
import { systemClock } from '../support/clock.js';
import { FakeLife } from './fake-life.js';
import { sessionHas, sessionMisses } from './session-assertions.js';

export interface FakeSessionOptions {
  /** 32 hexadecimal digits; drawn where none is given. */
  readonly id?: string;
  /** For temporary values. Default: the machine's. */
  readonly clock?: Clock;
  /** Changes throw `E_SESSION_READ_ONLY`. */
  readonly readOnly?: boolean;
}

/**
 * A session in memory, for tests of one unit: a Store as every other, with flash and temporary values and an end, that
 * needs no application, no request and no handler. Not for tests of locks: nobody shares it.
 */
export class FakeSession extends Store {
  readonly #life: FakeLife;

  constructor(life: FakeLife) {
    super(life);
    this.#life = life;
  }

  /**
   * Runs `work` so that `session()`, `Session`, `Services.session()` find this session, across everything it awaits.
   * The services are those of the application, where one is booted.
   */
  run<T>(work: (session: this) => T): T {
    const life = this.#life;
    const scoped = {
      store: this,
      get id() {
        return life.id;
      },
      get started() {
        return life.started;
      },
      lockedKey: undefined,
    };
    return runInScope(findServices() ?? servicesOf(life.clock), scoped, () => work(this));
  }

  /**
   * What lies between two requests: the session is saved, and opened again. Flash values age, temporary ones may end; a
   * destroyed session is followed by a new one. Throws `E_SESSION_VALUE` for what cannot be saved.
   */
  nextRequest(): this {
    this.#life.nextRequest();
    return this;
  }

  /** Throws an AssertionError unless `key` is there, with this value where one is given. */
  assertHas(key: string, ...expected: [value?: unknown]): this {
    sessionHas(this, key, expected);
    return this;
  }

  /** Throws an AssertionError when `key` is there. */
  assertMissing(key: string): this {
    sessionMisses(this, key);
    return this;
  }
}

/** A session in memory that holds `values`. Throws `E_SESSION_VALUE` for what no session can hold. */
export function fakeSession<V extends Values>(
  values?: V & SessionValues<V>,
  options: FakeSessionOptions = {},
): FakeSession {
  const life = new FakeLife(options.clock ?? systemClock, {}, options.id);
  const session = new FakeSession(life);
  if (values !== undefined) session.put<Values>(values);
  life.readOnly = options.readOnly ?? false;
  return session;
}

/** What a session had when it was looked at, marks of flash values among it. */
export function sessionWith(values: Values, clock: Clock, id?: string): FakeSession {
  return new FakeSession(new FakeLife(clock, values, id));
}

/** What code that is tested without an application may ask for. */
function servicesOf(clock: Clock): ServiceContainer {
  const services = new ServiceContainer();
  services.define('session', () => currentSession);
  services.define('event', () => new EventManager());
  services.define('clock', () => clock);
  services.define('log', () => new ConsoleLogger());
  return services;
}
