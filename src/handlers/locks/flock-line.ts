import { constants } from 'node:fs';
import { createRequire } from 'node:module';
import { constants as system } from 'node:os';
import { tryFlock } from './flock.js';
import { type Libc, loadLibc, type Native } from './libc.js';

/** Attempts before somebody is sent to stand in line. */
const ATTEMPTS = 6;
/** So many helpers may wait for this process at the same time; whoever comes later goes on asking. */
const MOST = 32;
/** Milliseconds for which no helper is started after one that failed. */
const REST = 1000;
/** Milliseconds after which helpers that were killed are looked after. */
const REAP_AFTER = 100;

const { errno } = system;
const WNOHANG = 1;
/** More than any C library asks for. */
const ACTIONS_SIZE = 1024;
/** Descriptor of the file in the helper. */
const FILE = 3;

/** util-linux and BusyBox have it. */
const FLOCK: readonly string[] = ['flock', '-x', String(FILE)];
/** Where neither is installed: Node itself, which takes longer to start. */
const SCRIPT = `const flock = require(process.argv[1]).load(null).func('int flock(int, int)');
process.exit(flock(${FILE}, 2) === 0 ? 0 : 1);`;

interface Spawning {
  readonly init: Native;
  readonly open: Native;
  readonly dup2: Native;
  readonly destroy: Native;
  readonly spawn: Native;
  readonly wait: Native;
}

let spawning: Spawning | undefined;
let command: readonly string[] = FLOCK;
let restsUntil = 0;
const waiting = new Set<number>();
const dying = new Set<number>();

/** Loads what helpers are started with; where the C library lacks it, locks are asked for and not waited for. */
export async function loadFlockLine(): Promise<void> {
  if (spawning !== undefined) return;
  const libc = await loadLibc();
  try {
    spawning = declare(libc);
    process.on('exit', killAll);
  } catch {
    // Asking works everywhere.
  }
}

function declare(libc: Libc): Spawning {
  const actions = 'int posix_spawn_file_actions_';
  return {
    init: libc.func(`${actions}init(void *actions)`),
    open: libc.func(`${actions}addopen(void *actions, int fd, const char *path, int flags, uint32_t mode)`),
    dup2: libc.func(`${actions}adddup2(void *actions, int fd, int as)`),
    destroy: libc.func(`${actions}destroy(void *actions)`),
    spawn: libc.func(
      'int posix_spawnp(_Out_ int *pid, const char *file, void *actions, void *attributes, const char **args, const char **environment)',
    ),
    wait: libc.func('int waitpid(int pid, void *status, int options)'),
  };
}

/**
 * One request for the exclusive lock on an open file, made again and again. After a few attempts a helper stands in the
 * kernel's line: beside several programs that wait in a blocking `flock`, who only asks hardly ever finds the lock free.
 *
 * The helper is a short-lived process, so that no thread of this one is blocked. It inherits the descriptor, and a lock
 * belongs to the open file that both share: what the helper gets is ours at that moment, with nothing to hand over, and
 * the next attempt finds it so. When both have closed the file the lock is free, whoever of them died.
 *
 * It is started with `posix_spawn`, half a millisecond however large this process is. `child_process.spawn` copies its
 * page tables: 200 ms at 1 GB, in which nothing else runs.
 */
export class FlockRequest {
  readonly #fd: number;
  #attempts = 0;
  #helper: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** One attempt; true: the descriptor has the lock. */
  attempt(): boolean {
    if (tryFlock(this.#fd)) {
      this.giveUp();
      return true;
    }
    if (this.#helper === undefined) {
      if (++this.#attempts >= ATTEMPTS) this.#helper = startHelper(this.#fd);
      return false;
    }
    if (!hasEnded(this.#helper)) return false;
    waiting.delete(this.#helper);
    this.#helper = undefined;
    if (tryFlock(this.#fd)) return true;
    // It was killed, or cannot wait here.
    restsUntil = performance.now() + REST;
    return false;
  }

  /** Leaves the line. What the helper got in that moment is free once the descriptor is closed. */
  giveUp(): void {
    if (this.#helper === undefined) return;
    waiting.delete(this.#helper);
    if (!hasEnded(this.#helper)) kill(this.#helper);
    this.#helper = undefined;
  }
}

/** The process that waits; undefined: nobody can at this moment. */
function startHelper(fd: number): number | undefined {
  if (spawning === undefined || waiting.size >= MOST || performance.now() < restsUntil) return undefined;
  const actions = Buffer.alloc(ACTIONS_SIZE);
  const pid: number[] = [0];
  spawning.init(actions);
  spawning.open(actions, 0, '/dev/null', constants.O_RDWR, 0);
  for (const stream of [1, 2]) spawning.dup2(actions, 0, stream);
  spawning.dup2(actions, fd, FILE);
  const [file = '', ...args] = command;
  // NODE_OPTIONS and the like are not for the helper.
  const environment = [`PATH=${process.env['PATH'] ?? '/usr/bin:/bin'}`, null];
  const failure = spawning.spawn(pid, file, actions, null, [file, ...args, null], environment);
  spawning.destroy(actions);
  if (failure !== 0) {
    const missing = failure === errno.ENOENT || failure === errno.EACCES;
    if (missing && command === FLOCK) command = withNode();
    else restsUntil = performance.now() + REST;
    return undefined;
  }
  const [helper = 0] = pid;
  waiting.add(helper);
  return helper;
}

function withNode(): readonly string[] {
  return [process.execPath, '-e', SCRIPT, createRequire(import.meta.url).resolve('koffi')];
}

/** Whether a helper has ended; it is then forgotten by the system too, and its number may be another's. */
function hasEnded(helper: number): boolean {
  return spawning?.wait(helper, null, WNOHANG) !== 0;
}

function kill(helper: number): void {
  process.kill(helper, 'SIGKILL');
  if (dying.size === 0) setTimeout(reap, REAP_AFTER).unref();
  dying.add(helper);
}

function reap(): void {
  for (const helper of dying) if (hasEnded(helper)) dying.delete(helper);
  if (dying.size > 0) setTimeout(reap, REAP_AFTER).unref();
}

function killAll(): void {
  for (const helper of waiting) if (!hasEnded(helper)) process.kill(helper, 'SIGKILL');
}
