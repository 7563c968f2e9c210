/** Seconds that one statement of a migration may take: an index on many rows is slow, a server that hangs is not waited for. */
export const LONGEST_STATEMENT = 600;

/** What `work` answers within so many seconds; after them `giveUp` is called, and it counts as failed. */
export async function within<T>(seconds: number, work: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp();
      reject(new Error(`no answer within ${seconds} s`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
