let turn: Promise<void> | undefined;

/**
 * Resolves when everything that has arrived in this turn of the event loop has been looked at. All who wait for it go on
 * one behind the other, each in its own context: what is done for several at once finds its code and data still in the
 * processor's caches.
 */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
