/** Milliseconds between two looks at who our parent is. */
const LOOK = 1000;

/**
 * Below npm and npx: a signal ends npm's shell and does not reach us, and a server that nobody knows of would keep its
 * port. So the end of the shell is taken for the signal.
 */
export function endWithShell(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK);
  timer.unref();
}

/** Below a process that opened a channel to us: when it ends, however it ends, the channel breaks. */
export function endWithChannel(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
