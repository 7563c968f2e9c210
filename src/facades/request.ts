import type { Request as HttpRequest } from '../http/request.js';
import { hasBrand } from '../support/brand.js';
import { Facade, facade } from './facade.js';

class RequestFacade extends Facade {
  static override accessor(): string {
    return 'request';
  }

  /** `value instanceof Request`: whether it is a request. */
  static override [Symbol.hasInstance](value: unknown): value is HttpRequest {
    return hasBrand(value, 'request');
  }
}

/** The current request: `Request.input('name')`. As a type, a request. (BlitzPHP: Facades\Request.) */
export const Request: typeof RequestFacade & Omit<HttpRequest, keyof typeof RequestFacade> =
  facade<HttpRequest>()(RequestFacade);
export type Request = HttpRequest;
