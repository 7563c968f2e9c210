import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { pageNamed, ROOT } from '../fixtures/docs.ts';

/** The code alone: the page's comments are in French, the application's in English. */
function bare(source: string): string {
  return source
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s*\n/gm, '');
}

describe('docs-fr: the custom handlers', () => {
  const shown = pageNamed('gestionnaire-sur-mesure.md').blocks.filter(({ file }) => file?.startsWith('app/'));

  it('are those of the sample application, which custom-handlers.test.ts examines', () => {
    expect(shown).to.have.length(3);
    for (const { file = '', code } of shown) {
      const ours = bare(readFileSync(join(ROOT, file), 'utf8'));
      expect(ours.length, file).to.be.above(200);
      expect(bare(code), file).to.equal(ours);
    }
  });
});
