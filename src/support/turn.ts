let turn: Promise<void> | undefined;
/** How many wait for the end of this turn. */
let waiting = 0;
/** How many of those who waited for the last one have not gone on yet. */
let behind = 0;
let number = 0;
let afterwards: (() => void)[] = [];

/**
 * Calls `goOn` when everything that has arrived in this turn of the event loop has been looked at. All who wait for it
 * go on one behind the other, each in its own context: what is done for several at once finds its code and data still
 * in the processor's caches.
 */
export function endOfTurn(goOn: () => void): void {
  waiting++;
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      behind = waiting;
      waiting = 0;
      number++;
      resolve();
    });
  });
  void turn.then(() => {
    behind--;
    try {
      goOn();
    } finally {
      if (behind === 0 && afterwards.length > 0) runAfterwards();
    }
  });
}

/** The same as a promise, for what is not on the hottest path. */
export function turnEnded(): Promise<void> {
  return new Promise((resolve) => endOfTurn(resolve));
}

/** Which turn it is that last went on. */
export function turnNumber(): number {
  return number;
}

/** Whether others of this turn will go on before the event loop does anything else. */
export function othersFollow(): boolean {
  return behind > 0;
}

/** Calls `fn` once they all have gone on, as far as they come at once. To be asked for only while `othersFollow()`. */
export function afterTheOthers(fn: () => void): void {
  afterwards.push(fn);
}

function runAfterwards(): void {
  const due = afterwards;
  afterwards = [];
  for (const fn of due) fn();
}
