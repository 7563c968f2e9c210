import session from 'express-session';
import fileStore from 'session-file-store';
import { expressApp } from './express-app.mjs';

/** express-session with session-file-store, as their documentation sets them up. */
export function listen({ folder, payload }) {
  const FileStore = fileStore(session);
  return expressApp(new FileStore({ path: `${folder}/sessions`, logFn() {} }), payload);
}
