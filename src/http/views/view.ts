import { currentServices } from '../../container/current.js';
import type { Values } from '../../contracts/session.js';
import { brand, hasBrand } from '../../support/brand.js';

/** What a view is made and rendered by. */
export interface Views {
  make(name: string, data?: Values): View;
  exists(name: string): boolean;
  render(name: string, data: Values, layout?: string, errors?: Values): string;
}

/** A view and its data, not rendered yet. (BlitzPHP: View\View.) */
export class View {
  static {
    brand(View.prototype, 'view');
  }

  readonly name: string;
  readonly #views: Views;
  readonly #data: Values;
  #layout: string | undefined;
  #errors: Values | undefined;

  constructor(views: Views, name: string, data: Values) {
    this.name = name;
    this.#views = views;
    this.#data = { ...data };
  }

  /** Adds data. */
  with(key: string, value: unknown): this;
  with(values: Values): this;
  with(key: string | Values, value?: unknown): this {
    Object.assign(this.#data, typeof key === 'string' ? { [key]: value } : key);
    return this;
  }

  /**
   * Error messages for `error()` and `errors()` in this view and what it includes, in the place of those that the session
   * has for the same form. Nothing is kept for the next request.
   */
  withErrors(errors: string | readonly unknown[] | Values, key = 'default'): this {
    this.#errors = { ...this.#errors, [key]: typeof errors === 'string' ? [errors] : errors };
    return this;
  }

  /** The layout around it, unless the template chooses one itself. */
  layout(name: string): this {
    this.#layout = name;
    return this;
  }

  /** The finished text. Throws `E_VIEW_SYNTAX`, `E_PACKAGE_MISSING`, and what the template throws. */
  render(): string {
    return this.#views.render(this.name, this.#data, this.#layout, this.#errors);
  }

  toString(): string {
    return this.render();
  }
}

/** Whether a value is a view, of any copy of this package. */
export function isView(value: unknown): value is View {
  return hasBrand(value, 'view');
}

/** A view of `app/Views` and its data: `view('user/profile', { user })`. (BlitzPHP: view().) */
export function view(name: string, data: Values = {}): View {
  return currentServices().get<Views>('view').make(name, data);
}
