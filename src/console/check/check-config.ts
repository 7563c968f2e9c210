import { loadConfig } from '../../config/load.js';
import { isBlitzError } from '../../errors.js';
import { type Language, language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import { type Paint, painter } from '../paint.js';
import { type Row, rowsOf } from './rows.js';

/** Longest value on a line; a longer one is cut. */
const LONGEST = 60;

const TEXTS = {
  fr: {
    title: (root: string) => `Configuration de ${root}`,
    otherwise: 'défaut',
    variable: (name: string) => `variable ${name}`,
    written: (name: string) => `.env, ${name}`,
    empty: '(vide)',
    good: (count: number) => `${count} options, aucune faute.`,
  },
  en: {
    title: (root: string) => `Configuration of ${root}`,
    otherwise: 'default',
    variable: (name: string) => `variable ${name}`,
    written: (name: string) => `.env, ${name}`,
    empty: '(empty)',
    good: (count: number) => `${count} options, no fault.`,
  },
} satisfies Record<Language, unknown>;

/** Shows every option of `root`; the exit code: 1 with faults. */
export async function checkConfig(
  root: string,
  json: boolean,
  { line, colour }: ConsoleContext,
): Promise<number> {
  let rows: Row[];
  try {
    rows = rowsOf(await loadConfig({ root }));
  } catch (error) {
    if (!json || !isBlitzError(error, 'E_SESSION_CONFIG')) throw error;
    const faults = String(error.details['faults'])
      .split('\n')
      .map((fault) => fault.replace(/^- /, ''));
    line(JSON.stringify({ valid: false, root, faults }));
    return 1;
  }
  if (json) line(JSON.stringify({ valid: true, root, options: rows }));
  else print(root, rows, line, painter(colour));
  return 0;
}

function print(root: string, rows: readonly Row[], line: ConsoleContext['line'], paint: Paint): void {
  const texts = TEXTS[language()];
  line(texts.title(root));
  for (const [file, options] of groupedByFile(rows)) {
    line();
    line(paint.strong(file));
    for (const { name, value, origin, description } of options) {
      const option = name.slice(file.length + 1);
      const from = origin === 'default' ? paint.soft(texts.otherwise) : paint.good(originText(origin));
      line(`  ${paint.name(option)} = ${valueText(value)}  [${from}]`);
      line(`      ${paint.soft(description)}`);
    }
  }
  line();
  line(paint.good(texts.good(rows.length)));
}

function groupedByFile(rows: readonly Row[]): Map<string, Row[]> {
  const files = new Map<string, Row[]>();
  for (const row of rows) {
    const file = row.name.slice(0, row.name.indexOf('.'));
    files.set(file, [...(files.get(file) ?? []), row]);
  }
  return files;
}

function originText(origin: string): string {
  const texts = TEXTS[language()];
  if (origin.startsWith('.env:')) return texts.written(origin.slice('.env:'.length));
  return /^[A-Z][A-Z0-9_]*$/.test(origin) ? texts.variable(origin) : origin;
}

function valueText(value: unknown): string {
  if (value === '') return TEXTS[language()].empty;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain;
}
