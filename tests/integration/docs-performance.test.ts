import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { pageNamed } from '../fixtures/docs.ts';

const SCRIPT = fileURLToPath(new URL('../../bench/check-guide.mjs', import.meta.url));

/** The suites whose tables on the page are not what was measured. */
function wrongTables(...pages: string[]): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...pages], (_error, stdout) =>
      resolve(stdout.split('\n').filter((line) => line !== '')),
    );
  });
}

describe('docs-fr: the figures of performance.md and capacite.md', () => {
  const page = join(tmpdir(), `blitz-performance-${process.pid}.md`);

  after(() => rm(page, { force: true }));

  it('are those of the rounds in bench/results', async () => {
    await writeFile(page, pageNamed('performance.md').text);
    expect(await wrongTables(page)).to.deep.equal([]);
  });

  it('are missed when one of them is another', async () => {
    const text = pageNamed('performance.md').text.replace(
      /(mesures : redis -->[\s\S]*?\| )(\d+)( µs)/,
      '$19$2$3',
    );
    await writeFile(page, text);
    expect(await wrongTables(page)).to.deep.equal(['redis']);
    expect(await readFile(page, 'utf8')).to.equal(text);
  });

  it('are missed when a table is not there at all', async () => {
    await writeFile(page, pageNamed('performance.md').text.replace('<!-- mesures : adapters -->', ''));
    expect(await wrongTables(page)).to.deep.equal(['adapters']);
  });

  it('are missed when a row lacks because its peer was not measured', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folder = join(tmpdir(), `blitz-results-${process.pid}`);
    await cp(join(root, 'bench/results'), folder, { recursive: true });
    const results = join(folder, 'redis.json');
    await writeFile(results, (await readFile(results, 'utf8')).replaceAll('"express-redis"', '"another"'));
    const pages = ['performance.md', 'capacite.md'].map((name) => join(root, 'docs-fr', name));
    expect(await wrongTables(...pages, folder)).to.deep.equal(['redis']);
    await rm(folder, { recursive: true });
  });

  it('are missed when one of the page on capacity is another', async () => {
    const { text } = pageNamed('capacite.md');
    await writeFile(page, text.replace(/(capacité : coûts -->[\s\S]*?\| )(\d+)(\u00a0| )(µs)/, '$19$2$3$4'));
    const performance = join(fileURLToPath(new URL('../../docs-fr', import.meta.url)), 'performance.md');
    expect(await wrongTables(performance, page)).to.deep.equal(['capacity']);
  });
});
