import { listen as listenOn } from './blitz.mjs';

/** The session itself, on `node:http` and the handler `array`: what a session costs without any kernel. */
export function listen(run) {
  return listenOn({ ...run, handler: 'array' });
}
