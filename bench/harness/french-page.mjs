import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { median, range, ratios } from './statistics.mjs';

export const PAGE = fileURLToPath(new URL('../../docs-fr/performance.md', import.meta.url));

export const NBSP = '\u00a0';
/** Ours, the floor and the peer of each suite that the guide shows, in French. */
const SHOWN = {
  file: [['blitz-flock', 'flock-als', 'express-session', '`session-file-store`']],
  redis: [['blitz-redis', 'redis-locked-als', 'express-redis', '`connect-redis`']],
  memcached: [['blitz-memcached', 'memcached-locked-als', 'express-memcached', '`connect-memcached`']],
  postgres: [['blitz-postgres', 'postgres-locked-als', 'express-postgres', '`connect-pg-simple`']],
  mariadb: [['blitz-mariadb', 'mariadb-locked-als', 'express-mariadb', '`express-mysql-session`']],
  adapters: [
    ['blitz-express', undefined, 'peer-express', 'Express 5, `express-session`, `connect-redis`'],
    ['blitz-fastify', undefined, 'peer-fastify', 'Fastify 5, `@fastify/session`, `connect-redis`'],
    ['blitz-koa', undefined, 'peer-koa', 'Koa 3, `koa-session`'],
    ['blitz-hono', undefined, 'peer-express', 'Hono 4 ; `express-session` sur Express 5'],
  ],
};

/** Sizes of the guide's tables. */
const SHOWN_SIZES = [200, 4096];

/** Whether everything that the guide shows of a suite was measured: a run of ours alone leaves a row without its peer. */
export function isComplete(name, sections) {
  return SHOWN_SIZES.every((bytes) => {
    const section = sections.find((each) => each.kind === 'write' && each.bytes === bytes);
    const has = (setup) => setup === undefined || section.rows.some((row) => row.name === setup);
    return section !== undefined && SHOWN[name].every((line) => line.slice(0, 3).every(has));
  });
}

export const SHOWN_SUITES = Object.keys(SHOWN);

/** Writes the suite's figures into the guide, between the marks that the page has for them. */
export function writeIntoGuide(suite, sections) {
  const text = readFileSync(PAGE, 'utf8');
  const written = withTable(text, suite.name, sections);
  if (written !== undefined && written !== text) writeFileSync(PAGE, written);
}

/** `text` with the suite's table; undefined where the suite is not shown or the page has no marks for it. */
export function withTable(text, name, sections) {
  const marks = new RegExp(`(<!-- mesures : ${name} -->\n)[\\s\\S]*?(<!-- fin -->)`);
  const rows = frenchTable(name, sections);
  if (rows === undefined || !marks.test(text)) return undefined;
  return text.replace(marks, (_, begin, end) => `${begin}\n${rows}\n\n${end}`);
}

function frenchTable(name, sections) {
  const rows = sections
    .filter(({ kind }) => kind === 'write')
    .flatMap((section) => (SHOWN[name] ?? []).flatMap((line) => rowOf(section, line)));
  if (rows.length === 0) return undefined;
  const heads = ['Session', 'Pair', 'CPU ajouté', 'par rapport au plancher', 'par rapport au pair'];
  const table = [heads, ['---', '---', '--:', '--:', '--:'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
  const shown = sections.filter(({ kind, bytes }) => kind === 'write' && SHOWN_SIZES.includes(bytes));
  return `${table}\n\n${[...new Set(shown.map(factsOf))].join('\n\n')}\n\nRapport complet${NBSP}: \`bench/results/${name}.md\`.`;
}

/** How a table was measured. */
function factsOf({ date, node, machine, rounds, duration, warmUp }) {
  const cores = /(\d+) cores/.exec(machine)?.[1];
  return `Mesuré le ${day(date)}${NBSP}: ${rounds} tours de ${seconds(duration)} s après ${seconds(warmUp)} s d’échauffement, Node.js ${node}, ${cores} cœurs.`;
}

/** `2026-11-30` as it is read in French. */
export function day(date) {
  return new Date(date).toLocaleDateString('fr-FR', { dateStyle: 'long', timeZone: 'UTC' });
}

function seconds(milliseconds) {
  return String(milliseconds / 1000).replace('.', ',');
}

function rowOf({ bytes, rows }, [ours, floor, peer, label]) {
  const own = rows.find(({ name }) => name === ours)?.added;
  const beside = (name) => rows.find((row) => row.name === name)?.added;
  if (own === undefined || beside(peer) === undefined) return [];
  const by = (name) => {
    const all = ratios(own, beside(name) ?? []);
    return all === undefined ? '–' : `${decimal(median(all))} × (${range(all).map(decimal).join(' à ')})`;
  };
  return [[size(bytes), label, `${inFrench(median(own), 0)} µs`, by(floor), by(peer)]];
}

export function size(bytes) {
  return bytes < 1024 ? `${bytes} o` : `${bytes / 1024} Kio`;
}

function decimal(value) {
  return inFrench(value, 2);
}

function inFrench(value, digits) {
  return value.toFixed(digits).replace('-', '−').replace('.', ',');
}
