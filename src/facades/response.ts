import type { Response as HttpResponse } from '../http/response.js';
import { hasBrand } from '../support/brand.js';
import { Facade, facade } from './facade.js';

class ResponseFacade extends Facade {
  static override accessor(): string {
    return 'response';
  }

  /** `value instanceof Response`: whether it is a response. */
  static override [Symbol.hasInstance](value: unknown): value is HttpResponse {
    return hasBrand(value, 'response');
  }
}

/** The current request's response: `Response.withHeader('X-Name', '…')`. As a type, a response. (BlitzPHP: Facades\Response.) */
export const Response: typeof ResponseFacade & Omit<HttpResponse, keyof typeof ResponseFacade> =
  facade<HttpResponse>()(ResponseFacade);
export type Response = HttpResponse;
