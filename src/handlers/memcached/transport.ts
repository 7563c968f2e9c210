import type { Later } from '../../support/later.js';

/** What a record or a lock looks like in the store. */
export interface Item {
  readonly key: string;
  readonly flags: number;
  /** The number that `cas` asks for; it changes with every write. */
  readonly unique: string;
  readonly value: Buffer;
}

/**
 * `stored` (add, cas, set), `held` (add: the key is there already), `changed` (cas, remove: somebody else wrote it),
 * `absent` (cas, remove, touch, unique: no such key), `done` (remove, fence, touch, stats), `items` (gets), `failed` (the server refused).
 */
export type Status = 'stored' | 'held' | 'changed' | 'absent' | 'done' | 'items' | 'failed';

export interface Reply {
  readonly status: Status;
  /** What the server said besides: the unique of `unique`, the refusal of `failed`. Never a key or a value. */
  readonly detail: string;
  readonly items: readonly Item[];
}

/** `seconds` is the life of the item. */
export type Command =
  | { readonly verb: 'add' | 'set'; readonly key: string; readonly value: Value; readonly seconds: number }
  | {
      readonly verb: 'cas';
      readonly key: string;
      readonly value: Value;
      readonly seconds: number;
      readonly unique: string;
    }
  /** The items under these keys, looked at in this order. */
  | { readonly verb: 'gets'; readonly keys: readonly string[] }
  /** The unique without the value. */
  | { readonly verb: 'unique'; readonly key: string }
  /** Gives the item another life and changes nothing else. */
  | { readonly verb: 'touch'; readonly key: string; readonly seconds: number }
  /** Deletes the item if its unique is still this one. */
  | { readonly verb: 'remove'; readonly key: string; readonly unique: string }
  /** Changes the item's unique and nothing else: whoever read it before cannot write it any more. */
  | { readonly verb: 'fence'; readonly key: string };

export interface Value {
  readonly text: string;
  readonly encoding: 'utf8' | 'latin1';
  /** 0, a string, unless it says otherwise. */
  readonly flags?: number;
}

/** How the handler reaches its servers: our own client, or one that the application gave. */
export interface Transport {
  readonly closed: boolean;
  /**
   * Executes the commands one after the other on the server that `route` belongs to, and answers with a reply for each.
   * Rejects within the operation time-out when not all replies came; what was sent may still be executed. A
   * `BlitzError` and an `UnsentError` were told before anything was sent.
   */
  run(route: string, commands: readonly Command[]): Later<readonly Reply[]>;
  /**
   * Asks every server whether it can hold sessions, and how many are silent, waiting for the first to answer. Throws
   * when one of them cannot.
   */
  check(): Promise<Health>;
  close(): Promise<void>;
}

export interface Health {
  readonly silent: number | 'all';
  readonly cause?: unknown;
}
