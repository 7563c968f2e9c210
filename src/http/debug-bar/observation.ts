import type { Values } from '../../contracts/session.js';
import type { Session } from '../../session/session.js';
import { isInternal, markedKeys, markOf, TOKEN, userValues } from '../../session/vars.js';
import { language } from '../../support/language.js';
import { getPath, MISSING } from '../../support/paths.js';
import { type Difference, differences, display, type Shape, shapeOf } from './shape.js';
import { type Age, type Beginning, type Ending, TEXTS } from './texts.js';

/** Kept by the kernel, and shown on a line of its own. */
const PREVIOUS = '_previous';

export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly age?: Age;
}

/** What a session holds at the end of a request, and what the request made of it. */
export interface Findings {
  readonly beginning: Beginning;
  readonly ending: Ending;
  /** Milliseconds until the session was there; undefined where it had nobody to wait for. */
  readonly waited: number | undefined;
  readonly data: readonly Entry[];
  readonly flash: readonly Entry[];
  readonly temporary: readonly Entry[];
  readonly previous: string | undefined;
  readonly changes: readonly Difference[];
  /** Texts that are never shown, wherever they stand. */
  readonly secrets: readonly string[];
}

/** A session as it was when its request began. */
export class Observation {
  readonly #session: Session;
  readonly #waited: number;
  readonly #id: string;
  readonly #beginning: Beginning;
  readonly #previous: string | undefined;
  readonly #values: Shape;
  readonly #marks: ReadonlyMap<string, Age>;
  readonly #token: unknown;

  constructor(session: Session, waited: number) {
    this.#session = session;
    this.#waited = waited;
    this.#id = session.id;
    this.#beginning = beginningOf(session);
    this.#previous = previousIn(session.values);
    this.#values = shapeOf(own(session.values));
    this.#marks = agesIn(session);
    this.#token = session.values[TOKEN];
  }

  /** The session's id when the request began. */
  get id(): string {
    return this.#id;
  }

  findings(): Findings {
    const session = this.#session;
    const { values } = session;
    const marked = (kind: 'flash' | 'temp'): Entry[] =>
      markedKeys(values, kind).flatMap((key) => {
        const value = getPath(values, key);
        return value === MISSING ? [] : [{ key, value: display(value), age: ageOf(session, key) }];
      });
    const data = Object.entries(userValues(values)).filter(([key]) => key !== PREVIOUS);
    const secrets = [this.#id, session.id, this.#token, values[TOKEN]];
    return {
      beginning: this.#beginning,
      ending: this.#ending(),
      waited: this.#beginning === 'resumed' ? this.#waited : undefined,
      data: data.map(([key, value]) => ({ key, value: display(value) })),
      flash: marked('flash'),
      temporary: marked('temp'),
      previous: this.#previous,
      changes: this.#changes(),
      secrets: secrets.filter((each): each is string => typeof each === 'string' && each !== ''),
    };
  }

  #ending(): Ending {
    const { id, started, values } = this.#session;
    if (this.#beginning === 'none' || this.#beginning === 'readOnly') return 'open';
    if (!started) return Object.keys(values).length === 0 ? 'destroyed' : 'closed';
    return id === this.#id ? 'open' : 'renewed';
  }

  /** Values first; then what only lives longer, or shorter, than it did. */
  #changes(): Difference[] {
    const changed = differences(this.#values, shapeOf(own(this.#session.values)));
    const known = new Set(changed.map(({ path }) => path));
    const ages = agesIn(this.#session);
    const aged = [...ages].flatMap(([path, age]): Difference[] => {
      const before = this.#marks.get(path);
      const same = typeof age === 'number' && typeof before === 'number' && age <= before;
      if (known.has(path) || age === before || same) return [];
      const words = TEXTS[language()].age;
      return [{ path, before: before === undefined ? '' : words(before), after: words(age) }];
    });
    return [...changed, ...aged];
  }
}

function beginningOf(session: Session): Beginning {
  if (!session.started) return session.id === '' ? 'none' : 'readOnly';
  return session.lockedKey === undefined ? 'new' : 'resumed';
}

function previousIn(values: Values): string | undefined {
  const address = getPath(values, `${PREVIOUS}.url`);
  return typeof address === 'string' ? address : undefined;
}

/** What user code put there. */
function own(values: Values): Values {
  const kept: [string, unknown][] = Object.entries(values).filter(
    ([key]) => !isInternal(key) && key !== PREVIOUS,
  );
  return Object.fromEntries(kept);
}

function agesIn(session: Session): Map<string, Age> {
  const keys = [...markedKeys(session.values, 'flash'), ...markedKeys(session.values, 'temp')];
  return new Map(keys.map((key) => [key, ageOf(session, key)]));
}

function ageOf(session: Session, key: string): Age {
  const mark = markOf(session.values, key);
  if (typeof mark === 'number') return Math.max(0, mark - session.seconds());
  return mark === 'new' ? 'next' : 'this';
}
