import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BlitzError } from '../../errors.js';
import { codeOf } from '../../support/file-errors.js';
import { language } from '../../support/language.js';
import type { Needed } from './packages.js';

type Content = Record<string, unknown>;

/** package.json as it was found. */
export interface Found {
  /** Undefined when there is none. */
  readonly content: Content | undefined;
  readonly indent: string;
  readonly newline: string;
}

const SCRIPTS = { start: 'klinge serve', dev: 'klinge serve --watch' } as const;
/** New keys go before these, where a reader expects them. */
const LAST = /^(?:devD|peerD|optionalD|d)ependencies$/;

const REASONS = {
  json: {
    fr: 'package.json n’est pas du JSON valide ; corrigez-le',
    en: 'package.json is not valid JSON; correct it',
  },
  read: { fr: 'package.json est illisible', en: 'package.json cannot be read' },
};

/** Throws `E_INIT` when there is one that nobody can read. */
export function readPackage(root: string): Found {
  let text: string;
  try {
    text = readFileSync(join(root, 'package.json'), 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return { content: undefined, indent: '  ', newline: '\n' };
    throw new BlitzError('E_INIT', { cause, details: { reason: REASONS.read[language()] } });
  }
  try {
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new Error('no object');
    return {
      content: content as Content,
      indent: /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ',
      newline: text.includes('\r\n') ? '\r\n' : '\n',
    };
  } catch {
    throw new BlitzError('E_INIT', { details: { reason: REASONS.json[language()] } });
  }
}

export interface Completion {
  readonly content: Content;
  /** `"type": "module"`, `scripts.start` … */
  readonly added: readonly string[];
  /** Keys that have another value than ours and keep it. */
  readonly kept: readonly string[];
}

/**
 * What package.json becomes. `hasCode`: JavaScript or TypeScript lies in the project that a change of `type` could
 * break; without any, `commonjs` is only what `npm init` writes everywhere. `dependencies` are those to write down.
 */
export function completePackage(
  { content }: Found,
  root: string,
  hasCode: boolean,
  dependencies: readonly Needed[],
): Completion {
  const added: string[] = [];
  const kept: string[] = [];
  const before: Content = content ?? { name: nameOf(root), private: true };
  const changes: Content = {};

  if (before['type'] !== 'module') {
    if (hasCode) kept.push('type');
    else {
      changes['type'] = 'module';
      added.push('"type": "module"');
    }
  }
  const scripts = objectIn(before, 'scripts');
  for (const [name, command] of Object.entries(SCRIPTS)) {
    if (scripts[name] === undefined) {
      scripts[name] = command;
      changes['scripts'] = scripts;
      added.push(`scripts.${name}`);
    } else if (scripts[name] !== command) kept.push(`scripts.${name}`);
  }
  const declared = objectIn(before, 'dependencies');
  for (const { name, range } of dependencies) {
    if (declared[name] !== undefined || objectIn(before, 'devDependencies')[name] !== undefined) continue;
    declared[name] = range;
    changes['dependencies'] = declared;
    added.push(`dependencies.${name}`);
  }
  return { content: withChanges(before, changes), added, kept };
}

export function writePackage(root: string, { indent, newline }: Found, content: Content): void {
  const text = `${JSON.stringify(content, null, indent)}\n`;
  writeFileSync(join(root, 'package.json'), text.replaceAll('\n', newline));
}

function objectIn(content: Content, key: string): Content {
  const value = content[key];
  return typeof value === 'object' && value !== null ? { ...(value as Content) } : {};
}

/** Keys that are there keep their place; new ones come before the dependencies. */
function withChanges(before: Content, changes: Content): Content {
  const fresh = Object.entries(changes).filter(([key]) => !(key in before));
  const result: Content = {};
  for (const [key, value] of Object.entries(before)) {
    if (LAST.test(key)) for (const [name, added] of fresh.splice(0)) result[name] = added;
    result[key] = changes[key] ?? value;
  }
  for (const [name, added] of fresh) result[name] = added;
  return result;
}

/** What npm takes for a name. */
function nameOf(root: string): string {
  const name = basename(root)
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '');
  return name === '' ? 'application' : name;
}
