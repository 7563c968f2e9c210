import { existsSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { BlitzError } from '../../errors.js';

/** Where the views of an application lie, below its root. */
export const VIEWS_FOLDER = 'app/Views';

const EXTENSION = '.eta';

/** The files of the views. Names begin at the folder; those with `./` or `../` in front, at the file that names them. */
export class Templates {
  readonly folder: string;
  /** By name, and by the folder of the file that names it. In production the files stay as they are. */
  readonly #known: Map<string, string | undefined> | undefined;

  /** `kept`: what was found, and what was not, is not looked for again. */
  constructor(root: string, kept: boolean) {
    this.folder = resolve(join(root, VIEWS_FOLDER));
    this.#known = kept ? new Map() : undefined;
  }

  /** The file of a view; undefined where there is none, or where the name leads out of the folder. */
  find(name: string, from?: string): string | undefined {
    const base = from !== undefined && /^\.\.?\//.test(name) ? dirname(from) : this.folder;
    const key = `${base}\0${name}`;
    if (this.#known?.has(key)) return this.#known.get(key);
    const path = this.#pathOf(name, base);
    const found = path !== undefined && existsSync(path) ? path : undefined;
    // Names can come from requests: what is kept must have an end.
    if (this.#known !== undefined && this.#known.size < 10_000) this.#known.set(key, found);
    return found;
  }

  /** As `find`. Throws `E_VIEW_UNKNOWN`. */
  get(name: string, from?: string): string {
    const path = this.find(name, from);
    if (path !== undefined) return path;
    const file = `${VIEWS_FOLDER}/${withExtension(name).replace(/^\/+/, '')}`;
    throw new BlitzError('E_VIEW_UNKNOWN', { details: { name, file } });
  }

  /** A file as an application's author knows it: `app/Views/home.eta`. */
  shown(path: string): string {
    return `${VIEWS_FOLDER}/${relative(this.folder, path)}`;
  }

  #pathOf(name: string, base: string): string | undefined {
    if (name === '' || name.includes('\0')) return undefined;
    const path = resolve(join(base, withExtension(name)));
    return path.startsWith(`${this.folder}/`) ? path : undefined;
  }
}

function withExtension(name: string): string {
  return extname(name) === EXTENSION ? name : `${name}${EXTENSION}`;
}
