import { config as configHelper } from './config.js';
import { service as serviceHelper, singleService as singleServiceHelper } from './service.js';
import { session as sessionHelper } from './session.js';

declare global {
  var session: typeof sessionHelper;
  var service: typeof serviceHelper;
  var singleService: typeof singleServiceHelper;
  var config: typeof configHelper;
}

Object.assign(globalThis, {
  session: sessionHelper,
  service: serviceHelper,
  singleService: singleServiceHelper,
  config: configHelper,
});
