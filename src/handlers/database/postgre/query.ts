import { createHash } from 'node:crypto';

/** The slice of pg's connection that sends the messages of the extended protocol; pg-cursor uses the same. */
export interface Wire {
  readonly parsedStatements: Readonly<Record<string, string>>;
  readonly submittedNamedStatements: Record<string, string>;
  parse(message: object): void;
  bind(message: object): void;
  execute(message: object): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

export type Value = string | number | Buffer | null;

export interface Statement {
  /** Under this name the server keeps it prepared; undefined: it is sent whole each time. */
  readonly name: string | undefined;
  readonly text: string;
}

export interface PostgreResult {
  /** Rows that were returned or changed. */
  readonly count: number;
  /** Values in PostgreSQL's text form. */
  readonly tuples: readonly (readonly (string | null)[])[];
}

type Done = (error: Error | null, result: PostgreResult) => void;
type QueryClass = new (statement: Statement, values: readonly Value[], done: Done) => object;

const classes = new WeakMap<object, QueryClass>();

/**
 * Statements for the queue of a pg client, whose own class `Query` is `base`. Rows stay as they come: no description of
 * their columns is asked for, nothing is copied, and no parser touches a value, neither pg's nor one that the
 * application set for all of pg. A client that pipelines takes nothing but descendants of its own class.
 */
export function queryClass(base: { readonly prototype: object }): QueryClass {
  const known = classes.get(base);
  if (known !== undefined) return known;

  class Query implements PostgreResult {
    readonly name: string | undefined;
    readonly text: string;
    readonly values: readonly Value[];
    readonly callback: Done;
    /** Not `rows`: a pg client takes that for a limit. */
    readonly tuples: (readonly (string | null)[])[] = [];
    count = 0;
    #failed = false;

    constructor({ name, text }: Statement, values: readonly Value[], done: Done) {
      this.name = name;
      this.text = text;
      this.values = values;
      this.callback = done;
    }

    submit(wire: Wire): null {
      const { name, text, values } = this;
      if (name === undefined || !isPrepared(wire, name)) {
        wire.parse({ name, text });
        if (name !== undefined) wire.submittedNamedStatements[name] = text;
      }
      wire.bind({ statement: name, values, valueMapper });
      wire.execute(NOTHING);
      wire.sync();
      return null;
    }

    handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
      this.tuples.push(fields);
    }

    /** `text`: `UPDATE 1`, or `INSERT 0 1`. */
    handleCommandComplete({ text }: { text: string }): void {
      this.count = Number(text.slice(text.lastIndexOf(' ') + 1));
    }

    handleError(error: Error): void {
      if (this.#failed) return;
      this.#failed = true;
      this.callback(error, this);
    }

    /** It comes after an error, too. */
    handleReadyForQuery(): void {
      if (!this.#failed) this.callback(null, this);
    }

    handleRowDescription(): void {}
    handleEmptyQuery(): void {}
    handlePortalSuspended(): void {}
    handleCopyData(): void {}
    handleCopyInResponse(wire: Wire): void {
      wire.sendCopyFail('nothing is copied here');
    }
  }

  Object.setPrototypeOf(Query.prototype, base.prototype);
  classes.set(base, Query);
  return Query;
}

const NOTHING = {};

function isPrepared(wire: Wire, name: string): boolean {
  return wire.parsedStatements[name] !== undefined || wire.submittedNamedStatements[name] !== undefined;
}

function valueMapper(value: Value): string | Buffer | null {
  return typeof value === 'number' ? String(value) : value;
}

/**
 * Statements on a table under names of their own, or without where the server must not keep them. PostgreSQL looks at
 * the first 63 characters of a statement's name only, and a table's name may be longer.
 */
export function named<S extends object>(
  texts: S,
  family: string,
  table: string,
  prepare: boolean,
): Readonly<Record<keyof S, Statement>> {
  const sum = createHash('sha256').update(table).digest('hex').slice(0, 16);
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [
      key,
      { name: prepare ? `${family}_${key}_${sum}` : undefined, text },
    ]),
  ) as Record<keyof S, Statement>;
}
