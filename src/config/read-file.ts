import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { importModule } from '../support/import-module.js';
import type { ConfigContext } from './define.js';
import { describe } from './describe.js';
import type { Faults } from './faults.js';
import type { Place } from './locate.js';
import { isPlain } from './plain.js';
import type { Sentence } from './sentence.js';

/** The options of one place as an object; undefined after a fault. */
export async function readPlace(
  place: Place,
  context: ConfigContext,
  faults: Faults,
): Promise<Record<string, unknown> | undefined> {
  const { label } = place;
  try {
    const exported = 'value' in place ? place.value : await readWhole(place, context.root);
    const options: unknown = typeof exported === 'function' ? await exported(context) : await exported;
    if (!isPlain(options)) {
      const found = describe(options, true);
      faults.add(label, {
        fr: `${found.fr} ; attendu : un objet, ou une fonction qui en renvoie un.`,
        en: `${found.en}; allowed: an object, or a function that returns one.`,
      });
      return undefined;
    }
    // cosmiconfig's explorer would follow this key to any file.
    if (Object.hasOwn(options, '$import')) {
      faults.add(label, {
        fr: '« $import » est refusé : écrivez les options ici, ou importez l’autre fichier dans un config/*.ts.',
        en: '"$import" is refused: write the options here, or import the other file in a config/*.ts.',
      });
      return undefined;
    }
    return options;
  } catch (error) {
    const reason = error instanceof UnreadError ? error.sentence : thrown(error);
    faults.add(label, reason, error instanceof UnreadError ? undefined : error);
    return undefined;
  }
}

class UnreadError extends Error {
  readonly sentence: Sentence;
  constructor(sentence: Sentence) {
    super(sentence.en);
    this.sentence = sentence;
  }
}

async function readWhole({ path }: Place, root: string): Promise<unknown> {
  const content = await readFile(path, 'utf8');
  if (content.trim() === '') throw new UnreadError({ fr: 'le fichier est vide.', en: 'the file is empty.' });
  const extension = extname(path);
  if (extension === '.json' || extension === '.yaml' || extension === '.yml') {
    return readData(extension, path, content);
  }
  const module = await importModule(path, root);
  if (module['default'] === undefined) {
    throw new UnreadError({
      fr: 'le fichier n’exporte rien par défaut ; écrivez « export default { … } ».',
      en: 'the file has no default export; write "export default { … }".',
    });
  }
  return module['default'];
}

/**
 * cosmiconfig's own loaders, without its explorer: `cosmiconfig()` executes `.config/config.*` of the
 * current directory, whoever wrote it, before anything can be asked of it.
 */
async function readData(
  extension: '.json' | '.yaml' | '.yml',
  path: string,
  content: string,
): Promise<unknown> {
  const { defaultLoaders } = await import('cosmiconfig');
  try {
    return (await defaultLoaders[extension](path, content)) ?? null;
  } catch (error) {
    // Only the place: the parsers' messages quote the file, which may hold secrets.
    const at = lineOf(error, content);
    const kind = extension === '.json' ? 'JSON' : 'YAML';
    throw new UnreadError({
      fr: `ce n'est pas du ${kind} valide${at ? ` (ligne ${at})` : ''}.`,
      en: `this is not valid ${kind}${at ? ` (line ${at})` : ''}.`,
    });
  }
}

function lineOf(error: unknown, content: string): number | undefined {
  const { mark, message } = error as { mark?: { line?: number }; message?: string };
  if (typeof mark?.line === 'number') return mark.line + 1;
  const position = /at position (\d+)/.exec(message ?? '')?.[1];
  if (position !== undefined) return content.slice(0, Number(position)).split('\n').length;
  return /end of (?:JSON )?input|while parsing empty/i.test(message ?? '')
    ? content.split('\n').length
    : undefined;
}

/** What a file threw, in its own words, on one line. */
function thrown(error: unknown): Sentence {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const words = message
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 2)
    .join(' ')
    .slice(0, 300);
  return {
    fr: `le fichier a échoué : ${words}`,
    en: `the file failed: ${words}`,
  };
}
