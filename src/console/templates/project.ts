import type { Language } from '../../support/language.js';
import { codeFiles } from './code.js';
import { configFiles } from './config.js';
import { rootFiles } from './root.js';
import { stylesheet } from './style.js';
import { viewFiles } from './views.js';
import { type ProjectFile, sayIn } from './words.js';

/** Every file of a new project but package.json, with comments and pages in this language. */
export function projectFiles(language: Language): ProjectFile[] {
  const say = sayIn(language);
  return [
    ...configFiles(say),
    ...codeFiles(say),
    ...viewFiles(say, language),
    { path: 'public/style.css', content: stylesheet(say) },
    ...rootFiles(say),
  ];
}
