/** The other end of a connection, as those who wait for something on its behalf see it. */
export interface Client {
  /** Whether it left. */
  readonly gone: boolean;
  /** Aborted when it leaves; made when it is first asked for, which ordinary requests never do. */
  readonly signal: AbortSignal;
}
