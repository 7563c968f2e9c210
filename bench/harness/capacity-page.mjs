import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { size } from './french-page.mjs';

export const CAPACITY_RESULTS = fileURLToPath(new URL('../results/capacity.json', import.meta.url));
export const CAPACITY_PAGE = fileURLToPath(new URL('../../docs-fr/capacite.md', import.meta.url));

/** The share of a core that the page plans with: what comes in waves needs the rest. */
const LOAD = 0.6;
const NAMES = {
  file: 'fichiers',
  redis: 'Redis',
  memcached: 'memcached',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
};

/** The suites of the page, in its order. */
export const CAPACITY_SUITES = Object.keys(NAMES);

/** What was measured; empty where nothing was. */
export function capacityResults() {
  return existsSync(CAPACITY_RESULTS) ? JSON.parse(readFileSync(CAPACITY_RESULTS, 'utf8')) : [];
}

export function writeCapacity(rows) {
  const text = readFileSync(CAPACITY_PAGE, 'utf8');
  const written = withCapacity(text, rows);
  if (written !== text) writeFileSync(CAPACITY_PAGE, written);
}

/** `text` with the tables between its marks; throws where it has no marks. */
export function withCapacity(text, rows) {
  return [
    ['coûts', costs(rows)],
    ['un cœur', oneCore(rows)],
    ['Redis', redis(rows)],
  ].reduce((page, [name, table]) => {
    const marks = new RegExp(`(<!-- capacité : ${name} -->\n)[\\s\\S]*?(<!-- fin -->)`);
    if (!marks.test(page)) throw new Error(`no mark for ${name} on the page`);
    return page.replace(marks, (_, begin, end) => `${begin}\n${table}\n\n${end}`);
  }, text);
}

function costs(rows) {
  return tableOf(
    ['Stockage', 'Session', 'Serveur, par requête', 'Stockage, par requête', 'Place d’une session'],
    rows.map((row) => [
      NAMES[row.suite],
      size(row.bytes),
      `${number(whole(row.server))} µs`,
      row.store === undefined ? '–' : `${number(whole(row.store))} µs`,
      `${number(whole(row.session))} o`,
    ]),
  );
}

/** From the figures as they are printed, so that a reader who does it again finds the same. */
function oneCore(rows) {
  return tableOf(
    [
      'Stockage',
      'Session',
      'Requêtes par seconde et par cœur du serveur',
      'Cœurs de serveur qui occupent un cœur du stockage',
    ],
    rows.map((row) => [
      NAMES[row.suite],
      size(row.bytes),
      number(perCore(whole(row.server))),
      row.store === undefined ? '–' : (whole(row.server) / whole(row.store)).toFixed(1).replace('.', ','),
    ]),
  );
}

function redis(rows) {
  const own = rows.filter(({ suite, store }) => suite === 'redis' && store !== undefined);
  return tableOf(
    ['Session', 'Une paire', 'Grappe de 3 nœuds', 'Grappe de 6 nœuds', 'Un million de sessions'],
    own.map((row) => {
      const one = perCore(whole(row.store));
      return [
        size(row.bytes),
        ...[1, 3, 6].map((nodes) => `${number(nodes * one)} requêtes/s`),
        `${number(whole(row.session))} Mo`,
      ];
    }),
  );
}

function perCore(microseconds) {
  return Math.floor((LOAD * 1_000_000) / microseconds);
}

function whole(value) {
  return Math.round(value);
}

/** Groups of three, no-break spaces between them. */
function number(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u00a0');
}

/** The columns from `Session` to the left hold words, the others figures. */
function tableOf(heads, rows) {
  const words = heads.indexOf('Session');
  const dashes = heads.map((_, at) => (at <= words ? '---' : '--:'));
  return [heads, dashes, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
