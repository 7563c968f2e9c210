import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ERROR_CODES, loadConfig, type ResolvedConfig } from 'blitz-session';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCS = join(ROOT, 'docs-fr');
/** Named in full, because the examples run in a folder of their own. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** Set when the tests run on src/ instead of dist/; it then says where the package's names lead. */
const SOURCE = process.env['TSX_TSCONFIG_PATH'] && resolve(process.env['TSX_TSCONFIG_PATH']);

/** What stands above a fragment that says `<!-- contexte: … -->`. */
const CONTEXTS: Readonly<Record<string, string>> = {
  requête: `import { type Application, Config, Event, Log, Services, Session, config, service, session, singleService } from 'blitz-session';
import type { SessionMessage } from 'blitz-session/node';
import type { ServerResponse } from 'node:http';
declare const app: Application;
declare const request: SessionMessage;
declare const response: ServerResponse;
`,
};

interface Block {
  /** `session.md:42`. */
  readonly at: string;
  readonly language: string;
  readonly code: string;
  /** From the comment above the fence. */
  readonly context: string | undefined;
  readonly runs: boolean;
  /** The text of the next block of the page, where that is its output. */
  readonly output: string | undefined;
}

interface Page {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Lines outside fenced blocks. */
  readonly prose: readonly string[];
}

function parse(name: string, text: string): Page {
  const blocks: (Omit<Block, 'output'> & { output?: string })[] = [];
  const prose: string[] = [];
  let directive = '';
  let open: { at: string; language: string; lines: string[]; directive: string } | undefined;
  text.split('\n').forEach((line, index) => {
    if (open !== undefined) {
      if (line !== '```') {
        open.lines.push(line);
        return;
      }
      const code = `${open.lines.join('\n')}\n`;
      const last = blocks.at(-1);
      if (open.language === 'text' && last?.runs && last.output === undefined) last.output = code;
      const context = /^<!-- contexte: (.+) -->$/.exec(open.directive)?.[1];
      const runs = open.directive === '<!-- exécuté -->';
      blocks.push({ at: open.at, language: open.language, code, context, runs });
      open = undefined;
      return;
    }
    if (line.startsWith('```')) {
      open = { at: `${name}:${index + 1}`, language: line.slice(3), lines: [], directive };
      directive = '';
      return;
    }
    if (line !== '') directive = line.startsWith('<!--') ? line : '';
    prose.push(line);
  });
  if (open !== undefined) throw new Error(`${open.at}: the block does not end`);
  return { name, text, blocks: blocks.map((block) => ({ ...block, output: block.output })), prose };
}

interface Run {
  readonly code: number | null;
  readonly out: string;
}

function run(args: readonly string[], cwd: string): Promise<Run> {
  return new Promise((done, failed) => {
    const { NODE_ENV: _, ...env } = process.env;
    const source = SOURCE === undefined ? {} : { TSX_TSCONFIG_PATH: SOURCE };
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...env, ...source, BLITZ_LANG: 'fr', NO_COLOR: '1' },
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
    }
    child.once('error', failed);
    child.once('close', (code) => done({ code, out }));
  });
}

/** The compiler's `paths` when the tests run on src/. */
function sourcePaths(): { paths?: Record<string, string[]> } {
  if (SOURCE === undefined) return {};
  const { compilerOptions } = JSON.parse(readFileSync(SOURCE, 'utf8')) as {
    compilerOptions: { paths: Record<string, string[]> };
  };
  const absolute = Object.entries(compilerOptions.paths).map(([name, targets]) => [
    name,
    targets.map((target) => resolve(dirname(SOURCE), target)),
  ]);
  return { paths: Object.fromEntries(absolute) };
}

/** As GitHub makes them. */
function slug(heading: string): string {
  return heading
    .replaceAll('`', '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function headings(page: Page, level = /^#{1,6} /): string[] {
  return page.prose.filter((line) => level.test(line)).map((line) => line.replace(/^#+ /, ''));
}

/** The rows of the first table below a heading, each a list of cells. */
function table(page: Page, heading: string): string[][] {
  const from = page.prose.indexOf(`## ${heading}`);
  expect(from, heading).to.not.equal(-1);
  const lines = page.prose.slice(from + 1);
  const first = lines.findIndex((line) => line.startsWith('|'));
  const after = lines.slice(first);
  const end = after.findIndex((line) => !line.startsWith('|'));
  return after.slice(2, end === -1 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const names = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .sort();
const pages = names.map((name) => parse(name, readFileSync(join(DOCS, name), 'utf8')));
const pageNamed = (name: string): Page => {
  const page = pages.find((each) => each.name === name);
  if (page === undefined) throw new Error(`docs-fr/${name} is missing`);
  return page;
};

describe('docs-fr: error codes', () => {
  it('has one heading for each code, and no other', () => {
    const written = headings(pageNamed('erreurs.md'), /^## /);
    expect([...written].sort()).to.deep.equal([...ERROR_CODES].sort());
  });

  it('names no code that does not exist', () => {
    for (const { name, text } of pages) {
      for (const [code] of text.matchAll(/\bE_[A-Z_]+\b/g)) {
        expect(ERROR_CODES, `${name}: ${code}`).to.include(code);
      }
    }
  });
});

describe('docs-fr: the tables of options', () => {
  const files = [
    ['session', 'Les options de la session'],
    ['cookie', 'Les options du cookie'],
    ['app', 'Les options du fichier app'],
  ] as const;
  const shown = (value: unknown) => (value === '' ? "''" : String(value));
  const plain = (cell = '') => /^`(.*)`$/.exec(cell)?.[1];

  for (const [file, heading] of files) {
    it(`${file}: the names and defaults of the code, both ways`, async () => {
      const config: ResolvedConfig = await loadConfig({ root: '/nowhere', env: {} });
      const real = Object.entries(config[file]).map(([name, value]) => [
        name,
        name === 'savePath' ? relative('/nowhere', String(value)) : shown(value),
      ]);
      const written = table(pageNamed('configuration.md'), heading).map((cells) => [
        plain(cells[0]),
        plain(cells[2]),
      ]);
      expect(Object.fromEntries(written)).to.deep.equal(Object.fromEntries(real));
      expect(written).to.have.length(real.length);
    });

    it(`${file}: every variable sets its option`, async () => {
      for (const cells of table(pageNamed('configuration.md'), heading)) {
        const [option, otherwise, variable] = [plain(cells[0]), plain(cells[2]), plain(cells[3])];
        if (option === undefined || otherwise === undefined || variable === undefined) {
          throw new Error(`not a row: ${cells.join(' | ')}`);
        }
        const text = otherwise === "''" ? '' : otherwise === 'null' ? 'shop' : otherwise;
        const { origins } = await loadConfig({ root: '/nowhere', env: { [variable]: text } });
        expect(origins[`${file}.${option}`], option).to.equal(variable);
        expect(cells, option).to.have.length(5);
        expect(cells[4], option).to.not.equal('');
      }
    });
  }
});

describe('docs-fr: links', () => {
  for (const page of pages) {
    it(`${page.name}: every relative link and anchor leads somewhere`, () => {
      const prose = page.prose.join('\n').replace(/`[^`\n]*`/g, (code) => 'x'.repeat(code.length));
      for (const [, target = ''] of prose.matchAll(/\]\(([^)]*)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? join(DOCS, page.name) : resolve(DOCS, path);
        expect(existsSync(file), target).to.equal(true);
        if (anchor === undefined) continue;
        // Plain ASCII: GitHub and VitePress make the same anchor of such a heading.
        expect(anchor, target).to.match(/^[a-z0-9-]+$/);
        expect(headings(pageNamed(relative(DOCS, file))).map(slug), target).to.include(anchor);
      }
    });
  }

  it('index.md leads to every page', () => {
    for (const name of names.filter((each) => each !== 'index.md')) {
      expect(pageNamed('index.md').text).to.include(`](${name})`);
    }
  });
});

describe('docs-fr: examples', () => {
  /** Inside the package, outside node_modules: only there does Node find the package by its own name. */
  const scratch = join(ROOT, 'storage', 'cache');
  let folder: string;
  const files = new Map<Block, string>();
  const examples = pages.flatMap(({ blocks }) => blocks.filter(({ language }) => /^[tj]s$/.test(language)));

  before(async () => {
    await mkdir(scratch, { recursive: true });
    folder = await mkdtemp(join(scratch, 'docs-'));
    for (const block of examples) {
      const file = join(folder, `${block.at.replace('.md:', '-')}.${block.language}`);
      files.set(block, file);
      await writeFile(file, `${contextOf(block)}${block.code}\nexport {};\n`);
    }
  });

  after(() => rm(folder, { recursive: true, force: true }));

  function contextOf({ at, context }: Block): string {
    if (context === undefined) return '';
    const lines = CONTEXTS[context];
    if (lines === undefined) throw new Error(`${at}: no context « ${context} »`);
    return lines;
  }

  async function compile(name: string, blocks: readonly Block[]): Promise<void> {
    const project = join(folder, `tsconfig.${name}.json`);
    const compilerOptions = {
      target: 'es2023',
      lib: ['es2023'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      allowJs: true,
      checkJs: true,
      noEmit: true,
      ...sourcePaths(),
    };
    await writeFile(
      project,
      JSON.stringify({ compilerOptions, files: blocks.map((block) => files.get(block)) }),
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, out } = await run([tsc, '-p', project, '--pretty', 'false'], folder);
    expect(out).to.equal('');
    expect(code).to.equal(0);
  }

  // A block that declares something for the whole program would lend it to the others.
  const declares = ({ code }: Block) => /^declare (?:module|global)|blitz-session\/globals/m.test(code);

  it('compile', async () => {
    expect(examples.length).to.be.above(30);
    await compile(
      'together',
      examples.filter((block) => !declares(block)),
    );
  });

  for (const block of examples.filter(declares)) {
    it(`compile: ${block.at}, which declares`, () => compile(block.at.replace('.md:', '-'), [block]));
  }

  for (const block of examples.filter(({ runs }) => runs)) {
    it(`print what the page says: ${block.at}`, async () => {
      expect(block.output, 'a ```text block below').to.be.a('string');
      const cwd = await mkdtemp(join(tmpdir(), 'blitz-docs-'));
      try {
        const file = files.get(block) as string;
        const { code, out } = await run(['--import', TSX, file], cwd);
        expect(out).to.equal(block.output);
        expect(code).to.equal(0);
      } finally {
        await rm(cwd, { recursive: true, force: true });
      }
    });
  }
});
