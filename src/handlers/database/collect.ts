import { BATCH, type Rows } from './rows.js';

/** How many times as long as a batch took the collector rests after it. */
const REST = 8;

/**
 * Deletes rows that were not used for `seconds`, some at a time. Between two batches it rests eight times as long as the
 * last one took, so that requests have the server for eight ninths of the time at least. The number deleted, of which
 * `progress` is told after each batch.
 */
export async function collectInBatches(
  rows: Pick<Rows, 'collect'>,
  seconds: number,
  progress?: (deleted: number) => void,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const began = performance.now();
    const batch = await rows.collect(seconds);
    removed += batch;
    progress?.(removed);
    if (batch < BATCH) return removed;
    await rest(REST * (performance.now() - began));
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
