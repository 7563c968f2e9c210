import { floor, synchronousFloor } from './floor.mjs';

/**
 * Texts in a Map. Without `lock` a request is one turn of the event loop, which nobody can come between; with it, it
 * waits for those before it, as a handler must that may wait while it works.
 */
export function listen({ lock, ...run }) {
  const texts = new Map();
  const peek = (id) => texts.get(id) ?? null;
  if (!lock) {
    return synchronousFloor({ update: (id, change) => texts.set(id, change(peek(id))), peek }, run);
  }
  const held = new Map();
  return floor(
    {
      open(id) {
        const waiting = held.get(id);
        if (waiting === undefined) {
          held.set(id, []);
          return peek(id);
        }
        return new Promise((resolve) => waiting.push(resolve));
      },
      create: (id, text) => texts.set(id, text),
      save(id, _token, text) {
        texts.set(id, text);
        const next = held.get(id).shift();
        if (next === undefined) held.delete(id);
        else next(text);
      },
      peek,
    },
    run,
  );
}
