import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Needed } from './packages.js';

/** How each package manager is asked, by the lock file that it leaves in a project. */
const MANAGERS: readonly (readonly [lockFile: string, command: readonly [string, string]])[] = [
  ['pnpm-lock.yaml', ['pnpm', 'add']],
  ['yarn.lock', ['yarn', 'add']],
  ['bun.lock', ['bun', 'add']],
  ['bun.lockb', ['bun', 'add']],
];
const NPM = ['npm', 'install'] as const;

const WINDOWS = process.platform === 'win32';

/** The command line that adds these packages, by the package manager that the project already uses. */
export function installCommand(root: string, packages: readonly Needed[]): readonly string[] {
  const used = MANAGERS.find(([lockFile]) => existsSync(join(root, lockFile)));
  const names = packages.map(({ name, range }) => (range === '*' ? name : `${name}@${range}`));
  return [...(used?.[1] ?? NPM), ...names];
}

/** As it is typed in a terminal. */
export function typed(command: readonly string[]): string {
  return command.map((word) => (/^[\w@/.-]*$/.test(word) ? word : quoted(word))).join(' ');
}

/** The caret alone needs no quotes, but in Windows' own shell. */
function quoted(word: string): string {
  return !WINDOWS && /^[\w@/.^~-]*$/.test(word) ? word : `"${word}"`;
}

/**
 * Runs it in `root`; why it failed, undefined when it did not. What it says goes to our outputs, or all of it to the
 * standard error when the standard output belongs to one JSON object.
 */
export function install(
  root: string,
  command: readonly string[],
  quiet: boolean,
): Promise<string | undefined> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(WINDOWS ? typed(command) : program, WINDOWS ? [] : args, {
      cwd: root,
      shell: WINDOWS,
      stdio: ['ignore', quiet ? 2 : 1, 2],
    });
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `${program}: ${signal ?? code}`));
  });
}
