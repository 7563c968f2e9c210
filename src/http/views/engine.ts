import type { Values } from '../../contracts/session.js';
import { BlitzError } from '../../errors.js';
import { optionalPackage } from '../../support/optional-package.js';
import type { Templates } from './templates.js';
import { VIEW_HELPER_NAMES, VIEW_HELPERS } from './view-helpers.js';

/** Turns a template and its data into text. */
export interface Engine {
  /** `layout`: around it, unless the template chooses one itself. Throws what the template throws. */
  render(name: string, data: Values, layout?: string): string;
}

/** Where a template failed, for the page that development shows. */
const EXCERPT = Symbol.for('blitz-session.template');

/** eta, with names that begin at the views folder, absent values that print nothing, and our helpers. */
export async function loadEngine(templates: Templates, development: boolean): Promise<Engine> {
  const { Eta, EtaParseError, EtaRuntimeError } = await optionalPackage.load(
    'views',
    ['eta'],
    () => import('eta'),
  );
  const eta = new Eta({
    views: templates.folder,
    cache: !development,
    debug: development,
    autoFilter: true,
    filterFunction: (value) => (value ?? '') as string,
    // The layout is for this template, not for those that it includes: they get the same options.
    functionHeader: `const { ${VIEW_HELPER_NAMES.join(', ')} } = this.helpers;
const __view_layout = options.layout; options.layout = undefined;`,
    plugins: [
      {
        processAST: (pieces) => [
          { t: 'e', val: 'if (__view_layout !== undefined) layout(__view_layout);', lineNo: 1 },
          ...pieces,
        ],
      },
    ],
  });
  Object.assign(eta, { helpers: VIEW_HELPERS });
  eta.resolvePath = (name, options) => templates.get(name, options?.filepath);
  const { compile } = eta;
  eta.compile = function compileNamed(text, options) {
    try {
      return compile.call(this, text, options);
    } catch (error) {
      if (!(error instanceof EtaParseError)) throw error;
      const details = { file: templates.shown(options?.filepath ?? ''), reason: faultIn(error.message) };
      throw new BlitzError('E_VIEW_SYNTAX', { details, cause: error });
    }
  };
  return {
    render(name, data, layout) {
      try {
        return eta.render(name, data, { layout } as never);
      } catch (error) {
        throw error instanceof EtaRuntimeError ? originOf(error) : error;
      }
    },
  };
}

/** The lines of the template around the place where `error` was thrown, if it was. */
export function templateExcerpt(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const excerpt = (error as { [EXCERPT]?: unknown })[EXCERPT];
  return typeof excerpt === 'string' ? excerpt : undefined;
}

/** eta wraps an error once a template around it; what was thrown first is what the application must see. */
function originOf(error: Error): unknown {
  let innermost = error;
  while (wraps(innermost.cause)) innermost = innermost.cause;
  const { cause } = innermost;
  if (!(cause instanceof Error)) return cause ?? error;
  const [excerpt = ''] = innermost.message.split('\n\n');
  if (Object.isExtensible(cause)) Object.defineProperty(cause, EXCERPT, { value: excerpt });
  return cause;
}

function wraps(error: unknown): error is Error {
  return error instanceof Error && / >> \d+\| /.test(error.message);
}

/** What eta says of a template, without the code that it was made into. */
function faultIn(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return (lines[0]?.startsWith('Bad template syntax') ? lines[1] : lines[0])?.replace(/:$/, '') ?? message;
}
