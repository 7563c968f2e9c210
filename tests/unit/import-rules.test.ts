import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const BASE = ['contracts', 'support', 'errors'];
const SESSION = [...BASE, 'cookie', 'serializers', 'handlers'];
const CONTAINER = [...SESSION, 'session', 'config', 'events'];
const ABOVE = [...CONTAINER, 'container'];

/** The rooms that each room may import; its own files go without saying. `errors` is `src/errors.ts`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  support: ['contracts', 'errors'],
  errors: ['contracts', 'support'],
  config: BASE,
  cookie: BASE,
  serializers: BASE,
  events: BASE,
  handlers: BASE,
  session: SESSION,
  container: CONTAINER,
  // They name the kernel's requests, responses, routes and views.
  facades: [...ABOVE, 'http'],
  helpers: [...ABOVE, 'http'],
  http: ABOVE,
  console: ABOVE,
  php: ABOVE,
  // It boots applications, opens their sessions and looks into them.
  testing: [...ABOVE, 'http'],
};

/** Single files that a room may import from a room that is closed to it, and why. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  // A command boots the application of the current directory, or serves it.
  console: ['src/http/application.ts', 'src/http/serve.ts'],
  // The adapter suite asks for the session in every way.
  testing: ['src/facades/session.ts', 'src/helpers/session.ts', 'src/php/session-functions.ts'],
};

/** Where the sample application, the tests and the benchmarks may reach by a relative path. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  app: ['app', 'config'],
  config: ['config', 'app'],
  // The contents of the guide's site, and how it makes anchors.
  tests: ['tests', 'app', 'config', 'docs-fr'],
  bench: ['bench'],
  examples: ['examples'],
};

const MAX_LINES = 350;
/** Files of `src/` that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {};

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** Only static imports and re-exports, types among them, can close a cycle. */
  readonly dynamic: boolean;
}

/** Comments away, strings kept: an example in a comment imports nothing. */
function withoutComments(source: string): string {
  const tokens = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source.replace(tokens, (token) => (token.startsWith('/') ? ' ' : token));
}

/** Every module that `source` names: static, dynamic and type imports, re-exports, `require`. */
function importsIn(source: string, from: string): Import[] {
  const code = withoutComments(source);
  const found = (pattern: RegExp, dynamic: boolean): Import[] =>
    [...code.matchAll(pattern)].map((match) => ({ from, specifier: match[1] as string, dynamic }));
  return [
    ...found(/^\s*(?:import|export)\b[^;'"`]*?\bfrom\s*['"]([^'"\n]+)['"]/gm, false),
    ...found(/^\s*import\s*['"]([^'"\n]+)['"]/gm, false),
    ...found(/\bimport\(\s*['"`]([^'"`\n]+)['"`]/g, true),
    ...found(/\brequire(?:\.resolve)?\(\s*['"`]([^'"`\n]+)['"`]/g, true),
  ];
}

/** Source files below a folder, by their path from the root; none when there is no such folder. */
function sourcesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesIn(path);
      return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const importsOf = (file: string): Import[] => importsIn(read(file), file);
const isRelative = (specifier: string): boolean => /^(?:\.|\/|file:)/.test(specifier);

/** The file that a relative import names, in TypeScript's spelling. */
function targetOf({ from, specifier }: Import): string {
  return posix.join(dirname(from), specifier).replace(/\.js$/, '.ts');
}

/** `src/session/store.ts` → `session`, `src/errors.ts` → `errors`. */
function roomOf(file: string): string {
  return (file.split('/')[1] as string).replace(/\.ts$/, '');
}

const sources = sourcesIn('src');
const inside = sources.flatMap(importsOf).filter(({ specifier }) => isRelative(specifier));
const shown = ({ from, specifier }: Import): string => `${from} imports ${specifier}`;

describe('import rules: who may import whom', () => {
  it('reads every way to import, and no comment', () => {
    const source = `
      import type { A } from './a.js';
      import { B, type B2 } from "./b.js";
      import './c.js';
      export * from './d.js';
      export {
        e,
      } from './e.js';
      /** import './no.js' */
      // import('./no.js')
      const text = 'https://example.org/*'; // from './no.js'
      type F = import('./f.js').F;
      const g = await import('./g.js');
      const h = require('./h.cjs');
    `;
    const names = importsIn(source, 'x.ts').map(({ specifier }) => specifier);
    expect(names.sort()).to.deep.equal(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `./${name}.js`).concat('./h.cjs'),
    );
    expect(sources).to.include('src/session/store.ts');
    expect(inside.map(shown)).to.include('src/errors.ts imports ./support/language.js');
  });

  it('has a rule for every room of src/', () => {
    const rooms = new Set(sources.map(roomOf));
    rooms.delete('index');
    expect([...rooms].filter((room) => MAY_IMPORT[room] === undefined)).to.deep.equal([]);
  });

  it('imports within src/ name files that exist', () => {
    const lost = inside.filter((each) => !sources.includes(targetOf(each)));
    expect(lost.map(shown)).to.deep.equal([]);
  });

  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${room} → ${allowed.join(', ') || 'nothing'}`, () => {
      const broken = inside
        .filter(({ from }) => roomOf(from) === room)
        .filter((each) => {
          const target = targetOf(each);
          const to = roomOf(target);
          return to !== room && !allowed.includes(to) && !DOORS[room]?.includes(target);
        });
      expect(broken.map(shown)).to.deep.equal([]);
    });
  }

  it('index.ts only re-exports', () => {
    const rest = withoutComments(read('src/index.ts'))
      .replace(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*'[^']+';/g, '')
      .trim();
    expect(rest).to.equal('');
  });

  it('nothing in src/ imports index.ts or the package itself', () => {
    const broken = sources
      .flatMap(importsOf)
      .filter((each) =>
        isRelative(each.specifier)
          ? targetOf(each) === 'src/index.ts'
          : /^blitz-session(?:\/|$)/.test(each.specifier),
      );
    expect(broken.map(shown)).to.deep.equal([]);
  });

  it('no cycle inside src/, types included', () => {
    const edges = new Map<string, string[]>(sources.map((file) => [file, []]));
    for (const each of inside) if (!each.dynamic) edges.get(each.from)?.push(targetOf(each));
    expect(cyclesOf(edges)).to.deep.equal([]);
  });

  it('other packages are declared, and built-in modules are named node:', () => {
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(read('package.json')) as {
      dependencies?: Record<string, string>;
      peerDependencies?: Record<string, string>;
    };
    const broken = sources.flatMap(importsOf).filter(({ specifier }) => {
      if (isRelative(specifier) || specifier.startsWith('node:')) return false;
      const [scope = '', name = ''] = specifier.split('/');
      const named = scope.startsWith('@') ? `${scope}/${name}` : scope;
      return !(named in dependencies) && !(named in peerDependencies);
    });
    expect(broken.map(shown)).to.deep.equal([]);
  });
});

describe('import rules: around the package', () => {
  it('every peer is optional: npm would install the others for everybody', () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(read('package.json')) as {
      peerDependencies: Record<string, string>;
      peerDependenciesMeta: Record<string, { optional?: boolean }>;
    };
    const demanded = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    expect(demanded).to.deep.equal([]);
  });

  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
  const publicNames = Object.keys(exports).map((name) => name.replace(/^\./, 'blitz-session'));

  for (const [folder, reach] of Object.entries(OUTSIDE)) {
    it(`${folder}/ imports the package by its public names only`, () => {
      const broken = sourcesIn(folder)
        .flatMap(importsOf)
        .filter((each) => {
          if (isRelative(each.specifier)) return !reach.includes(targetOf(each).split('/')[0] as string);
          if (/^blitz-session(?:\/|$)/.test(each.specifier)) return !publicNames.includes(each.specifier);
          return false;
        });
      expect(broken.map(shown)).to.deep.equal([]);
    });
  }
});

describe('files of src/', () => {
  const linesOf = (file: string): number => read(file).split('\n').length - 1;

  it(`none is over ${MAX_LINES} lines without a reason`, () => {
    const long = sources.filter((file) => linesOf(file) > MAX_LINES && LONGER[file] === undefined);
    expect(long.map((file) => `${file}: ${linesOf(file)}`)).to.deep.equal([]);
  });

  it('the list of longer files is not longer than it must be', () => {
    expect(
      Object.keys(LONGER).filter((file) => !sources.includes(file) || linesOf(file) <= MAX_LINES),
    ).to.deep.equal([]);
  });
});

/** Each way back to a file, found depth first, once for every file that closes it. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      cycles.push([...path.slice(at), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of edges.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return cycles;
}
