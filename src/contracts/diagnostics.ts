/** What every message names. Never an id, a key, or anything that a visitor stored. */
interface Told {
  /** The handler's name in the configuration, or its class. */
  readonly handler: string;
}

/** A request has its session, or does not get it. */
export interface LockWaitMessage extends Told {
  /** From asking to having it: the turn in this process, the lock, and the read that comes with it. */
  readonly milliseconds: number;
  /** `E_SESSION_LOCK_TIMEOUT`, `E_SESSION_BUSY`, `E_SESSION_CLIENT_LEFT`, `E_SESSION_BACKEND`; undefined: it has it. */
  readonly code: string | undefined;
}

/** A request of this process must wait for another one of the same session. */
export interface ContentionMessage extends Told {
  /** How many of this process wait for that session, this one among them. */
  readonly waiting: number;
}

/** The handler has answered, or has not. */
export interface StoreMessage extends Told {
  /** `open`, `validateId`, `createSid`, `read`, `write`, `updateTimestamp`, `destroy`, `renew`, `close`, `gc`. */
  readonly operation: string;
  readonly milliseconds: number;
  /** Why it failed; undefined: it did not. */
  readonly code: string | undefined;
}

/** A session was written. */
export interface CommitMessage extends Told {
  readonly reason: 'created' | 'changed' | 'regenerated';
  /** Length of the record, as a string. */
  readonly length: number;
}

/** An unchanged session was told to live on. */
export interface TouchMessage extends Told {}

/** What a session held could not be saved. */
export interface RefusedMessage extends Told {
  readonly code: string;
}

/** A new session is in the store. */
export interface CreatedMessage extends Told {}

/** A session is gone. */
export interface DestroyedMessage extends Told {
  /** `asked`: by `destroy()` or `invalidate()`. The other two are found when somebody comes back to it. */
  readonly reason: 'asked' | 'expired' | 'corrupt';
}

/** The channels of node:diagnostics_channel, and what is told there. */
export interface SessionChannels {
  'blitz-session:lock-wait': LockWaitMessage;
  'blitz-session:contention': ContentionMessage;
  'blitz-session:store': StoreMessage;
  'blitz-session:commit': CommitMessage;
  'blitz-session:touch': TouchMessage;
  'blitz-session:refused': RefusedMessage;
  'blitz-session:created': CreatedMessage;
  'blitz-session:destroyed': DestroyedMessage;
}

export type SessionChannel = keyof SessionChannels;
