import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DOCS, pages, ROOT } from '../fixtures/docs.ts';

const FOLDER = join(DOCS, 'images');

/** Beside them are folders: what is captured in a browser, and what is measured. */
function pictures(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.svg'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

describe('docs-fr: the pictures', () => {
  const kept = pictures(FOLDER);

  it('are those that `npm run diagrams` draws, and no other', () => {
    const folder = mkdtempSync(join(tmpdir(), 'blitz-pictures-'));
    try {
      execFileSync(process.execPath, [join(ROOT, 'scripts/diagrams.mjs'), folder]);
      expect(kept).to.deep.equal(pictures(folder));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are each shown somewhere, with words for who cannot see them', () => {
    const shown = pages.flatMap(({ prose }) =>
      [...prose.join('\n').matchAll(/!\[([^\]]*)\]\(images\/([^)]+)\)/g)].map(([, words = '', name = '']) => {
        expect(words.length, name).to.be.above(20);
        return name;
      }),
    );
    const there = ['captures', 'mesures'].flatMap((folder) =>
      readdirSync(join(FOLDER, folder)).map((name) => `${folder}/${name}`),
    );
    expect([...new Set(shown)].sort()).to.deep.equal([...Object.keys(kept), ...there].sort());
    for (const [name, svg] of Object.entries(kept))
      expect(svg, name).to.match(/<title [^>]*>\S.*<\/title>\s*<desc [^>]*>\S.*<\/desc>/);
  });
});
