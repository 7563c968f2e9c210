const SECOND = 1000;

/** What `work` gives; while it takes longer than a second, `live` shows a text each second, and nothing of it stays. */
export async function showProgress<T>(
  work: Promise<T>,
  text: (seconds: number) => string,
  live: (text: string) => void,
): Promise<T> {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds++;
    live(text(seconds));
  }, SECOND);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (seconds > 0) live('');
  }
}
