import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownPackage } from '../own-package.js';

/** The optional packages that routes and views need. */
const KERNEL = ['fastify', '@fastify/static', 'eta'] as const;

export interface Needed {
  readonly name: string;
  /** What this version of blitz-session works with. */
  readonly range: string;
  /** The version that the project has, if any. */
  readonly installed: string | undefined;
  /** Whether the version that is there is in the range. */
  readonly fits: boolean;
}

/** The kernel's packages, and what the project has of them. */
export function kernelPackages(root: string): Needed[] {
  const { peerDependencies = {} } = ownPackage();
  return KERNEL.map((name) => {
    const range = peerDependencies[name] ?? '*';
    const installed = installedVersion(root, name);
    return { name, range, installed, fits: installed !== undefined && isWithin(installed, range) };
  });
}

/** The version of a package that modules of `root` would find; undefined when there is none. */
export function installedVersion(root: string, name: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file))
      return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version ?? '?';
    if (folder === dirname(folder)) return undefined;
  }
}

/** As npm judges `^1.2.3`, and several of them joined by `||`; a range of another kind is taken as kept. */
export function isWithin(version: string, range: string): boolean {
  return range.split('||').some((part) => {
    const least = /^\s*\^(\d+)\.(\d+)\.(\d+)\s*$/.exec(part)?.slice(1).map(Number);
    const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
    if (least === undefined || found === undefined) return true;
    // Below 1.0.0 the caret keeps the second number too.
    const kept = least[0] === 0 ? 2 : 1;
    for (let at = 0; at < 3; at++) {
      const difference = (found[at] ?? 0) - (least[at] ?? 0);
      if (difference !== 0) return difference > 0 && at >= kept;
    }
    return true;
  });
}
