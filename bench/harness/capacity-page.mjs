import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { day, NBSP, size } from './french-page.mjs';

export const CAPACITY_RESULTS = fileURLToPath(new URL('../results/capacity.json', import.meta.url));
export const CAPACITY_PAGE = fileURLToPath(new URL('../../docs-fr/capacite.md', import.meta.url));

/** The share of a core that the page plans with: what comes in waves needs the rest. */
const LOAD = 0.6;
/** The example of the page: pages and requests a second, microseconds of the application, pages of a visitor. */
const [PAGES, REQUESTS, PAGE_COST, PAGES_EACH] = [300, 1200, 1500, 10];
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
    ['machine', oneMachine(rows)],
    ['Redis', redis(rows)],
    ['exemple', example(rows)],
  ].reduce((page, [name, table]) => {
    const marks = new RegExp(`(<!-- capacité : ${name} -->\n)[\\s\\S]*?(<!-- fin -->)`);
    if (!marks.test(page)) throw new Error(`no mark for ${name} on the page`);
    return page.replace(marks, (_, begin, end) => `${begin}\n${table}\n\n${end}`);
  }, text);
}

function costs(rows) {
  const [{ date, node, cores }] = rows;
  const table = tableOf(
    ['Stockage', 'Session', 'Serveur, par requête', 'Stockage, par requête', 'Place d’une session'],
    rows.map((row) => [
      NAMES[row.suite],
      size(row.bytes),
      `${number(whole(row.server))} µs`,
      row.store === undefined ? '–' : `${number(whole(row.store))} µs`,
      `${number(whole(row.session))} o`,
    ]),
  );
  return `${table}\n\nMesuré le ${day(date)}, Node.js ${node}, ${cores} cœurs.`;
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

function oneMachine(rows) {
  const { server, session } = rowOf(rows, 'file', 200);
  const one = perCore(whole(server));
  const room = Math.ceil((100_000 * whole(session)) / 1e6);
  return `À 200 octets, quatre cœurs portent ainsi 4 × ${number(one)} = ${number(4 * one)} requêtes par seconde, et cent mille sessions occupent 100${NBSP}000 × ${number(whole(session))} o ≈ ${room} Mo.`;
}

function redis(rows) {
  const own = rows.filter(({ suite, store }) => suite === 'redis' && store !== undefined);
  return tableOf(
    ['Session', 'Une paire', 'Grappe de 3 maîtres', 'Grappe de 6 maîtres', 'Un million de sessions'],
    own.map((row) => [
      size(row.bytes),
      ...[1, 3, 6].map((nodes) => `${number(perCore(whole(row.store) / nodes))} requêtes/s`),
      `${number(whole(row.session))} Mo`,
    ]),
  );
}

/** The steps of the page's example, in the order of its introduction: 1 200 requests a second on Redis, 4 KiB each. */
function example(rows) {
  const { server, store, session } = rowOf(rows, 'redis', 4096);
  const [mine, theirs, room] = [whole(server), whole(store), whole(session)];
  const each = mine + PAGE_COST;
  const cores = REQUESTS / perCore(each);
  const sessions = (PAGES * 7200) / PAGES_EACH;
  return [
    `1. **Le serveur.** ${number(mine)} µs de session et ${number(PAGE_COST)} µs d’application par requête font ${number(each)} µs. Un cœur en porte 600${NBSP}000 ÷ ${number(each)} ≈ ${number(perCore(each))} par seconde. Il en faut ${number(REQUESTS)} ÷ ${number(perCore(each))} ≈ ${cores.toFixed(1).replace('.', ',')}${NBSP}: ${Math.ceil(cores)} cœurs, et ceux d’une machine de plus, en réserve.`,
    `2. **Redis.** À ${number(theirs)} µs par requête, un cœur en porte 600${NBSP}000 ÷ ${number(theirs)} ≈ ${number(perCore(theirs))}${NBSP}: une paire est occupée à ${Math.ceil((100 * REQUESTS) / perCore(theirs))}${NBSP}% de ce qu’elle porte.`,
    `3. **La mémoire.** Un visiteur voit ${PAGES_EACH} pages, et sa session vit deux heures${NBSP}: ${PAGES} × 7${NBSP}200 ÷ ${PAGES_EACH} = ${number(sessions)} sessions vivantes. À ${number(room)} o chacune, ${number(sessions)} × ${number(room)} o ≈ ${number(Math.ceil((sessions * room) / 1e6))} Mo.`,
  ].join('\n');
}

function rowOf(rows, suite, bytes) {
  const found = rows.find((row) => row.suite === suite && row.bytes === bytes);
  if (found === undefined) throw new Error(`${suite} with ${bytes} B was not measured`);
  return found;
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
