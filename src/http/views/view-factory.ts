import { existsSync } from 'node:fs';
import type { Values } from '../../contracts/session.js';
import { optionalPackage } from '../../support/optional-package.js';
import { findVisit } from '../visit.js';
import { type Engine, loadEngine } from './engine.js';
import { whileRendering } from './form-helpers.js';
import { Templates } from './templates.js';
import { View, type Views } from './view.js';

/** Makes and renders the views of one application. (BlitzPHP: View\View, Services::viewer.) */
export class ViewFactory implements Views {
  readonly #templates: Templates;
  readonly #development: boolean;
  readonly #shared: Values = {};
  /** What was shared while a request was answered, by its visit. */
  readonly #sharedOnce = new WeakMap<object, Values>();
  #engine: Engine | undefined;
  #failure: unknown;

  constructor(root: string, development: boolean) {
    this.#templates = new Templates(root, !development);
    this.#development = development;
  }

  /** Imports eta where the application has views: rendering is synchronous. */
  async boot(): Promise<void> {
    if (this.#engine !== undefined || !existsSync(this.#templates.folder)) return;
    try {
      this.#engine = await loadEngine(this.#templates, this.#development);
    } catch (error) {
      // The application may have its views rendered elsewhere; who asks for one is told.
      this.#failure = error;
    }
  }

  /** A view that is rendered later. Throws `E_VIEW_UNKNOWN` when it is not there. */
  make(name: string, data: Values = {}): View {
    this.#templates.get(name);
    return new View(this, name, data);
  }

  /** The first of these views that is there. Throws `E_VIEW_UNKNOWN`. */
  first(names: readonly string[], data: Values = {}): View {
    return this.make(names.find((name) => this.exists(name)) ?? names.at(-1) ?? '', data);
  }

  /** In production what was found once, or was not, stays so. */
  exists(name: string): boolean {
    return this.#templates.find(name) !== undefined;
  }

  /**
   * Data of every view; while a request is answered, of the views of this request alone, so that no visitor sees what
   * belongs to another. The data that a view was given itself wins.
   */
  share(key: string, value: unknown): void;
  share(values: Values): void;
  share(key: string | Values, value?: unknown): void {
    Object.assign(this.#sharedNow(), typeof key === 'string' ? { [key]: value } : key);
  }

  /**
   * The finished text. `layout`: around it, unless the template chooses one itself. Throws `E_VIEW_UNKNOWN`,
   * `E_VIEW_SYNTAX`, `E_PACKAGE_MISSING`, and what the template throws.
   */
  render(name: string, data: Values = {}, layout?: string, errors?: Values): string {
    if (this.#engine === undefined) throw this.#failure ?? optionalPackage.missing('views', ['eta']);
    const engine = this.#engine;
    const visit = findVisit();
    const once = visit === undefined ? undefined : this.#sharedOnce.get(visit);
    return whileRendering(name, errors, () =>
      engine.render(name, { ...this.#shared, ...once, ...data }, layout),
    );
  }

  #sharedNow(): Values {
    const visit = findVisit();
    if (visit === undefined) return this.#shared;
    const shared = this.#sharedOnce.get(visit) ?? {};
    this.#sharedOnce.set(visit, shared);
    return shared;
  }
}
