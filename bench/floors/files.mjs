import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import koffi from 'koffi';
import { floor, synchronousFloor } from './floor.mjs';

const LOCK_EX = 2;
const scratch = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * One file a session, which nothing flushes to the disk (blitz-session does not either). `way`:
 * - `flock`: locked with flock(2), read and written in place, each call synchronous. Waiting for another process stops
 *   this one; a process killed while it writes more than a page leaves half a record.
 * - `flock-waiting`: the lock is taken in koffi's threads, after those of this process that asked before; the rest as
 *   above.
 * - `exclusive`: a lock file beside it, created with O_EXCL, removed afterwards; 2 ms between two attempts. A process
 *   killed while it holds the lock leaves it there.
 * - `rename`: no lock; a new file, renamed over the old one: never half a record.
 */
export function listen({ folder, way, ...run }) {
  const sessions = `${folder}/floor`;
  mkdirSync(sessions, { recursive: true, mode: 0o700 });
  return WAYS[way]((id) => `${sessions}/${id}`, run);
}

const WAYS = {
  flock(pathOf, run) {
    const flock = koffi.load(null).func('int flock(int fd, int operation)');
    return synchronousFloor(
      {
        update(id, change) {
          const fd = opened(pathOf(id));
          try {
            // Nobody of this process holds it across a turn of the event loop, so this waits for others only.
            if (flock(fd, LOCK_EX) !== 0) throw new Error('flock failed');
            const { size, text } = contentOf(fd);
            replace(fd, change(text), size);
          } finally {
            closeSync(fd);
          }
        },
        peek: (id) => peekAt(pathOf(id)),
      },
      run,
    );
  },

  'flock-waiting'(pathOf, run) {
    const flock = koffi.load(null).func('int flock(int fd, int operation)');
    const inLine = new Map();
    const held = new Map();
    const lock = (id) =>
      new Promise((resolve, reject) => {
        const fd = opened(pathOf(id));
        flock.async(fd, LOCK_EX, (error, status) => {
          if (error || status !== 0) return reject(error ?? new Error('flock failed'));
          const { size, text } = contentOf(fd);
          held.set(id, { fd, size });
          resolve(text);
        });
      });
    return floor(
      {
        open(id) {
          const line = inLine.get(id);
          if (line !== undefined) return new Promise((resolve) => line.push(() => resolve(lock(id))));
          inLine.set(id, []);
          return lock(id);
        },
        create: (id, text) => writeFileSync(pathOf(id), text, { mode: 0o600, flag: 'wx' }),
        save(id, _token, text) {
          rewrite(held, id, text);
          const next = inLine.get(id).shift();
          if (next === undefined) inLine.delete(id);
          else next();
        },
        peek: (id) => peekAt(pathOf(id)),
      },
      run,
    );
  },

  exclusive(pathOf, run) {
    const held = new Map();
    return floor(
      {
        open(id) {
          const path = pathOf(id);
          try {
            closeSync(openSync(`${path}.lock`, 'wx', 0o600));
          } catch (error) {
            if (error.code === 'EEXIST') return undefined;
            throw error;
          }
          const fd = opened(path);
          const { size, text } = contentOf(fd);
          held.set(id, { fd, size });
          return text;
        },
        create: (id, text) => writeFileSync(pathOf(id), text, { mode: 0o600, flag: 'wx' }),
        save(id, _token, text) {
          rewrite(held, id, text);
          unlinkSync(`${pathOf(id)}.lock`);
        },
        peek: (id) => peekAt(pathOf(id)),
      },
      run,
    );
  },

  rename(pathOf, run) {
    let number = 0;
    const peek = (id) => {
      try {
        return readFileSync(pathOf(id), 'utf8');
      } catch (error) {
        if (error.code === 'ENOENT') return null;
        throw error;
      }
    };
    return synchronousFloor(
      {
        update(id, change) {
          const aside = `${pathOf(id)}.${process.pid}-${++number}`;
          writeFileSync(aside, change(peek(id)), { mode: 0o600, flag: 'wx' });
          renameSync(aside, pathOf(id));
        },
        peek,
      },
      run,
    );
  },
};

function opened(path) {
  return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

/** The record, and how many bytes of the file it takes. */
function contentOf(fd) {
  const size = readSync(fd, scratch, 0, scratch.length, 0);
  return { size, text: size === 0 ? null : scratch.toString('utf8', 0, size) };
}

/** Without a lock: a writer that is at work may be seen half-way, which the others guard against and this does not. */
function peekAt(path) {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    return contentOf(fd).text;
  } finally {
    closeSync(fd);
  }
}

/** `before`: bytes of the record that is there. */
function replace(fd, text, before) {
  const length = scratch.write(text, 0, 'utf8');
  writeSync(fd, scratch, 0, length, 0);
  if (length < before) ftruncateSync(fd, length);
}

/** Writes into the file that was opened for `id`, and closes it. */
function rewrite(held, id, text) {
  const { fd, size } = held.get(id);
  held.delete(id);
  replace(fd, text, size);
  closeSync(fd);
}
