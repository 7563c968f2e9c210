import type { View as HttpView } from '../http/views/view.js';
import type { ViewFactory } from '../http/views/view-factory.js';
import { hasBrand } from '../support/brand.js';
import { Facade, facade } from './facade.js';

class ViewFacade extends Facade {
  static override accessor(): string {
    return 'view';
  }

  /** `value instanceof View`: whether it is a view. */
  static override [Symbol.hasInstance](value: unknown): value is HttpView {
    return hasBrand(value, 'view');
  }
}

/** The views: `View.make('user/profile', { user })`, `View.share('site', '…')`. As a type, a view. (BlitzPHP: Facades\View.) */
export const View: typeof ViewFacade & Omit<ViewFactory, keyof typeof ViewFacade> =
  facade<ViewFactory>()(ViewFacade);
export type View = HttpView;
