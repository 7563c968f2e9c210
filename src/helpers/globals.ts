import { abort as abortHelper } from '../http/http-error.js';
import { redirect as redirectHelper } from '../http/redirect.js';
import {
  csrfField as csrfFieldHelper,
  csrfToken as csrfTokenHelper,
  old as oldHelper,
} from '../http/views/form-helpers.js';
import { view as viewHelper } from '../http/views/view.js';
import { config as configHelper } from './config.js';
import { cookie as cookieHelper } from './cookie.js';
import {
  back as backHelper,
  request as requestHelper,
  response as responseHelper,
  route as routeHelper,
} from './http.js';
import { service as serviceHelper, singleService as singleServiceHelper } from './service.js';
import { session as sessionHelper } from './session.js';

declare global {
  var session: typeof sessionHelper;
  var service: typeof serviceHelper;
  var singleService: typeof singleServiceHelper;
  var config: typeof configHelper;
  var view: typeof viewHelper;
  var redirect: typeof redirectHelper;
  var back: typeof backHelper;
  var request: typeof requestHelper;
  var response: typeof responseHelper;
  var route: typeof routeHelper;
  var old: typeof oldHelper;
  var cookie: typeof cookieHelper;
  var csrf_token: typeof csrfTokenHelper;
  var csrf_field: typeof csrfFieldHelper;
  var abort: typeof abortHelper;
}

Object.assign(globalThis, {
  session: sessionHelper,
  service: serviceHelper,
  singleService: singleServiceHelper,
  config: configHelper,
  view: viewHelper,
  redirect: redirectHelper,
  back: backHelper,
  request: requestHelper,
  response: responseHelper,
  route: routeHelper,
  old: oldHelper,
  cookie: cookieHelper,
  csrf_token: csrfTokenHelper,
  csrf_field: csrfFieldHelper,
  abort: abortHelper,
});
