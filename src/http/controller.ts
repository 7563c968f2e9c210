import type { Request } from './request.js';
import type { Response } from './response.js';
import { currentVisit } from './visit.js';

/**
 * The base of controllers: one is made for each request. Outside a route its constructor throws `E_HTTP_NO_REQUEST`.
 * (BlitzPHP: Controllers\BaseController.)
 */
export abstract class Controller {
  readonly request: Request;
  readonly response: Response;

  constructor() {
    const { request, response } = currentVisit();
    this.request = request;
    this.response = response;
  }
}
