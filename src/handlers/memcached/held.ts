import type { Lease } from './lease.js';

/** A session that is locked, and the record as it was last seen under the lock. */
export interface Held {
  readonly id: string;
  readonly token: string;
  /** The record's unique: the right to write it; undefined when the lock was lost. */
  unique: string | undefined;
  /** The lock's unique, to renew and release it; undefined while nobody knows it. */
  lockUnique: string | undefined;
  lease: Lease;
  data: string;
  renewal: Promise<boolean> | undefined;
  /** Nobody has said since a while that he waits for the lock. */
  uncontended: boolean;
}

/** The lock was not lost as far as anybody knows. */
export type Owned = Held & { readonly unique: string };
