import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { transform } from 'esbuild';
import { type Block, type Page, pages, ROOT, readmes } from '../fixtures/docs.ts';

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
  routes: `import { abort, Controller, defineRoutes, type MiddlewareFunction, type MiddlewareInterface, type Next, redirect, Request, Response, Route, type Router, route as adresse, session, view } from 'blitz-session';
declare const route: Router;
declare class PanierController extends Controller {
  voir(): void;
  ajouter(article: string): void;
}
`,
  action: `import { abort, back, Cookie, config, cookie, csrf_field, csrf_token, old, redirect, Request, Response, request as requete, response as reponse, route, session, View, view } from 'blitz-session';
declare const request: Request;
declare const response: Response;
`,
};

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

function contextOf({ at, context }: Block): string {
  if (context === undefined) return '';
  const lines = CONTEXTS[context];
  if (lines === undefined) throw new Error(`${at}: no context « ${context} »`);
  return lines;
}

const isCode = ({ language }: Block) => /^[tj]s$/.test(language);
// A block that declares something for the whole program would lend it to the others.
const declares = ({ code }: Block) => /^declare (?:module|global)|blitz-session\/globals/m.test(code);

describe('docs-fr: examples', () => {
  /** Inside the package, outside node_modules: only there does Node find the package by its own name. */
  const scratch = join(ROOT, 'storage', 'cache');
  const fragments = [...pages, ...readmes].flatMap(({ blocks }) =>
    blocks.filter((block) => isCode(block) && block.file === undefined),
  );
  /** The files of each page that shows an application. */
  const applications = new Map<Page, readonly Block[]>();
  for (const page of pages) {
    const files = page.blocks.filter(({ file }) => file !== undefined);
    if (files.length > 0) applications.set(page, files);
  }
  const paths = new Map<Block, string>();
  let folder: string;
  let projects = 0;

  const applicationFolder = ({ name }: Page) => join(folder, name.replace('.md', ''));

  async function write(block: Block, path: string, text: string): Promise<void> {
    paths.set(block, path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }

  before(async () => {
    await mkdir(scratch, { recursive: true });
    folder = await mkdtemp(join(scratch, 'docs-'));
    for (const block of fragments) {
      const path = join(folder, `${block.at.replace('.md:', '-')}.${block.language}`);
      await write(block, path, `${contextOf(block)}${block.code}\nexport {};\n`);
    }
    for (const [page, blocks] of applications) {
      for (const block of blocks)
        await write(block, join(applicationFolder(page), block.file as string), block.code);
    }
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function compile(blocks: readonly Block[]): Promise<void> {
    projects += 1;
    const project = join(folder, `tsconfig.${projects}.json`);
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
      allowImportingTsExtensions: true,
      ...sourcePaths(),
    };
    await writeFile(
      project,
      JSON.stringify({ compilerOptions, files: blocks.map((block) => paths.get(block)) }),
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, out } = await run([tsc, '-p', project, '--pretty', 'false'], folder);
    expect(out).to.equal('');
    expect(code).to.equal(0);
  }

  /** How Node runs a block that imports no TypeScript of its own: made JavaScript here, as tsx would in each process. */
  async function program(block: Block): Promise<readonly string[]> {
    const path = paths.get(block) as string;
    if (SOURCE !== undefined) return ['--import', TSX, path];
    const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', target: 'node20' });
    const compiled = `${path}.mjs`;
    await writeFile(compiled, code);
    return [compiled];
  }

  it('compile', async () => {
    expect(fragments.length).to.be.above(30);
    await compile(fragments.filter((block) => !declares(block)));
  });

  for (const block of fragments.filter(declares)) {
    it(`compile: ${block.at}, which declares`, () => compile([block]));
  }

  for (const [{ name }, blocks] of applications) {
    it(`compile: the application of ${name}`, () => compile(blocks.filter(isCode)));
  }

  for (const page of pages) {
    for (const block of page.blocks.filter(({ runs }) => runs)) {
      it(`print what the page says: ${block.at}`, async () => {
        expect(block.output, 'a ```text block below').to.be.a('string');
        // Among the files of its page, where the page has any.
        const own = applications.has(page) ? undefined : await mkdtemp(join(tmpdir(), 'blitz-docs-'));
        try {
          const { code, out } = await run(
            own === undefined ? ['--import', TSX, paths.get(block) as string] : await program(block),
            own ?? applicationFolder(page),
          );
          expect(out).to.equal(block.output);
          expect(code).to.equal(0);
        } finally {
          if (own !== undefined) await rm(own, { recursive: true, force: true });
        }
      });
    }
  }
});
