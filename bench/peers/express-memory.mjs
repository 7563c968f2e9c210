import { expressApp } from './express-app.mjs';

/** express-session in the memory of its process. */
export function listen({ payload }) {
  return expressApp(undefined, payload);
}
