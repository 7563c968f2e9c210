const PLACE = Symbol.for('blitz-session');

type Shelf = Record<string, unknown>;

/**
 * One value a process under `name`, whatever number of copies of this package is loaded. Two copies come about more
 * easily than one thinks (a test runner that compiles to CommonJS beside native modules), and a second copy that knows
 * nothing of the current request, the booted application or the registered handlers would be a riddle.
 */
export function processWide<T>(name: string, make: () => T): T {
  const holder = globalThis as { [PLACE]?: Shelf };
  holder[PLACE] ??= {};
  const shelf = holder[PLACE];
  shelf[name] ??= make();
  return shelf[name] as T;
}
