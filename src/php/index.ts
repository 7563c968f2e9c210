export type { SettingValue } from './ini.js';
export type {
  SaveHandler,
  SaveHandlerCallbacks,
  SaveHandlerClass,
  SaveHandlerFactory,
} from './save-handler.js';
export type { SessionStartOptions } from './session-functions.js';
export * from './session-functions.js';
export { SessionHandler } from './session-handler.js';
export {
  ini_get,
  ini_set,
  type SessionCookieParams,
  session_cache_expire,
  session_cache_limiter,
  session_get_cookie_params,
  session_id,
  session_module_name,
  session_name,
  session_save_path,
  session_set_cookie_params,
  session_set_save_handler,
} from './settings-functions.js';
export { $_SESSION } from './super-global.js';
