import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from 'blitz-session';
import { expect } from 'chai';
import { SIDEBAR } from '../../docs-fr/.vitepress/sidebar.ts';
import { codeFaults } from '../fixtures/docs/codes.ts';
import { type Command, commandFaults } from '../fixtures/docs/commands.ts';
import { publicNames } from '../fixtures/docs/declarations.ts';
import { exportFaults } from '../fixtures/docs/exports.ts';
import { contentsFaults, linkFaults } from '../fixtures/docs/links.ts';
import { knownNames, type Names, nameFaults } from '../fixtures/docs/names.ts';
import { optionFaults } from '../fixtures/docs/options.ts';
import { readmeFaults } from '../fixtures/docs/readmes.ts';
import { projectWords, spellingFaults } from '../fixtures/docs/spelling.ts';
import { markupFaults, typographyFaults } from '../fixtures/docs/typography.ts';
import { changed, type Documentation, documentation, ROOT } from '../fixtures/docs.ts';
import { klinge } from '../fixtures/klinge.ts';

const { engines, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  engines: { node: string };
  scripts: Record<string, string>;
};

describe('the documentation', () => {
  const entries = publicNames();
  let commands: readonly Command[];
  let names: Names;

  before(async () => {
    ({ commands } = JSON.parse((await klinge(['list', '--json'])).out) as { commands: Command[] });
    names = await knownNames(
      commands.map(({ name }) => name),
      entries,
    );
  });

  type Check = (docs: Documentation) => readonly string[] | Promise<readonly string[]>;
  const checks = {
    links: linkFaults,
    contents: (docs) => contentsFaults(docs, SIDEBAR),
    codes: (docs) => codeFaults(docs, ERROR_CODES),
    options: optionFaults,
    commands: (docs) => commandFaults(docs, commands, Object.keys(scripts)),
    names: (docs) => nameFaults(docs, names),
    exports: (docs) => exportFaults(docs, entries),
    spelling: spellingFaults,
    typography: typographyFaults,
    markup: markupFaults,
    readmes: (docs) => readmeFaults(docs, engines.node),
  } satisfies Record<string, Check>;
  const check: Readonly<Record<keyof typeof checks, Check>> = checks;

  for (const [subject, find] of Object.entries(check)) {
    it(`${subject}: nothing is wrong`, async () => {
      expect(await find(documentation)).to.deep.equal([]);
    });
  }

  it('spelling: a word of the project that no page uses is too many', async () => {
    expect(await spellingFaults(documentation, [...projectWords, 'zzyzx'])).to.have.lengthOf(1);
  });

  /** One thing broken in a copy: the check, the page, what stands there, what it becomes. */
  const breaks: readonly (readonly [keyof typeof checks, string, string, string])[] = [
    ['links', 'index.md', '](erreurs.md)', '](erreur.md)'],
    ['links', 'erreurs.md', '](console.md#migrate)', '](console.md#migrer)'],
    ['links', 'README.md', '](docs-fr/redis.md)', '](redis.md)'],
    ['contents', 'index.md', '[Koa](koa.md)', 'Koa'],
    ['codes', 'erreurs.md', '## E_SESSION_BUSY', '## E_SESSION_FULL'],
    ['codes', 'adaptateurs.md', 'E_SESSION_READ_ONLY', 'E_SESSION_READONLY'],
    ['options', 'configuration.md', '| `grace` |', '| `graces` |'],
    ['options', 'configuration.md', '| `lock_wait` | secondes | `30` |', '| `lock_wait` | secondes | `60` |'],
    ['options', 'configuration.md', '`COOKIE_DOMAIN`', '`COOKIE_DOMAINS`'],
    ['options', 'bases-de-donnees.md', '| `charset` |', '| `charsets` |'],
    ['options', 'bases-de-donnees.md', '| `localhost`, 3306', '| `localhost`, 3307'],
    ['options', 'adaptateurs.md', '| `readOnly` | `false`', '| `readOnly` | `true`'],
    ['options', 'cycle-de-vie.md', '| `skip` |', '| `skips` |'],
    ['options', 'cookies.md', '| `partitioned` |', '| `partition` |'],
    ['options', 'redis.md', '| `database` |', '| `base` |'],
    ['options', 'memcached.md', '| `distribution` |', '| `partage` |'],
    ['commands', 'console.md', '## session:gc', '## session:clean'],
    ['commands', 'console.md', '| `--batch <number>` |', '| `--lot <number>` |'],
    ['commands', 'installation.md', 'npx klinge init', 'npx klinge begin'],
    ['commands', 'bases-de-donnees.md', 'session:table --print', 'session:table --show'],
    ['commands', 'README.md', 'npm ci && npm start', 'npm ci && npm run begin'],
    ['names', 'erreurs.md', '`Session.run`', '`Session.open`'],
    ['names', 'erreurs.md', '`await session().close()`', '`await session().shut()`'],
    ['names', 'evenements-et-services.md', '| `session:closed` |', '| `session:shut` |'],
    ['names', 'configuration.md', 'devient `SESSION_SAVE_PATH`', 'devient `SESSION_SAVEPATH`'],
    ['names', 'adaptateurs.md', '`blitz-session/koa`', '`blitz-session/koala`'],
    ['exports', 'reference.md', '`fakeSession`', '`falseSession`'],
    ['spelling', 'index.md', 'verrouillée', 'verouillée'],
    ['typography', 'index.md', '## Pourquoi\n', '## Pourquoi ?\n'],
    ['markup', 'index.md', '## Pourquoi\n', '## Pourquoi <Badge />\n'],
    ['readmes', 'README.md', '## License', '\n\n\n\n\n\n\n\n\n\n## License'],
    ['readmes', 'README.fr.md', 'npm ci && npm test', 'npm install && npm test'],
  ];

  for (const [subject, page, from, to] of breaks) {
    it(`${subject}: ${page} with ${JSON.stringify(to)} is seen`, async () => {
      const broken = changed(documentation, page, from, to);
      expect(await check[subject](broken)).to.not.deep.equal([]);
    });
  }
});
