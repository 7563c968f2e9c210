import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ERROR_CODES, loadConfig, type ResolvedConfig } from 'blitz-session';
import { expect } from 'chai';
import { DOCS, headings, pageNamed, pages, readmes, slug, table } from '../fixtures/docs.ts';

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
    for (const { name } of pages.filter((page) => page.name !== 'index.md')) {
      expect(pageNamed('index.md').text).to.include(`](${name})`);
    }
  });
});

describe('docs-fr: typography', () => {
  const french = [...pages, ...readmes.filter(({ name }) => name.endsWith('.fr.md'))];
  for (const { name, prose } of french) {
    it(`${name}: unbreakable spaces and curved apostrophes`, () => {
      for (const line of prose.filter((each) => !/^<!--|^\|[-| ]+\|$/.test(each))) {
        const words = line.replace(/`[^`]*`/g, '`').replace(/\]\([^)]*\)/g, ']');
        expect(words).to.not.match(/ [;:!?»]|« |«\S|[^\s\u00a0]»|\w'\w/);
      }
    });
  }
});
