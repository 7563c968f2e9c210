import type { Finding } from './production.js';
import type { Failure, StoreAnswer } from './store.js';

/** What `klinge about` tells; `--json` writes it as it is. */
export interface About {
  readonly versions: {
    readonly 'blitz-session': string;
    readonly node: string;
    readonly platform: string;
    readonly fastify: string | null;
    readonly eta: string | null;
  };
  readonly root: string;
  readonly application?: {
    readonly environment: string;
    readonly handler: string;
    /** Of a handler that keeps sessions in a table: the group of `config/database`, and where it leads. */
    readonly database?: { readonly group: string; readonly place: string };
    readonly savePath: string;
    readonly serializer: string;
    readonly interop: string | false;
    readonly cookie: string;
  };
  readonly store?: StoreAnswer;
  readonly production?: readonly Finding[];
  /** Why the configuration was refused. */
  readonly error?: Failure;
}
