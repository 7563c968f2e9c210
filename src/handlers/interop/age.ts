import type { HandlerOptions } from '../../contracts/handler.js';

/**
 * The last activity of a record in a store that knows only when it ends: long enough ago to be touched by each request,
 * as PHP does it, and not so long ago that the session would be over.
 */
export function unknownAge({ clock, lifetime }: HandlerOptions): number {
  return clock.now() - lifetime * 100;
}
