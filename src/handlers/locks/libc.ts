import { BlitzError } from '../../errors.js';

type Argument = number | string | null | Uint8Array | readonly (number | string | null)[];

/** A function of the system's C library, as koffi calls it. */
export type Native = (...args: Argument[]) => number;

export interface Libc {
  /** Declares a function by its C prototype. Throws when the library lacks it. */
  func(prototype: string): Native;
  /** Of the last call. */
  errno(): number;
}

interface Koffi {
  load(path: string | null): { func(prototype: string): Native };
  errno(): number;
}

let libc: Libc | undefined;

/** The C library of this process. Throws `E_SESSION_FLOCK` with the way out where koffi's binary cannot be loaded. */
export async function loadLibc(): Promise<Libc> {
  if (libc !== undefined) return libc;
  try {
    const module = (await import('koffi')) as unknown as { default: Koffi };
    const library = module.default.load(null);
    libc = { func: (prototype) => library.func(prototype), errno: () => module.default.errno() };
    return libc;
  } catch (cause) {
    throw new BlitzError('E_SESSION_FLOCK', { cause });
  }
}
