import { HOT_CONNECTIONS } from './measure.mjs';
import { setupNamed } from './setups.mjs';
import { median, range, ratios } from './statistics.mjs';

const MB = 2 ** 20;

/** The results as Markdown, a heading for each section. */
export function report(suite, sections) {
  return [
    `# ${suite.title}`,
    '',
    `Measured by \`npm run bench\`; drawn in \`${suite.name}.svg\`, every round is in \`${suite.name}.json\`. How it is done, and what the floors do and leave out: [bench/README.md](../README.md).`,
    '',
    `- ${suite.where[0].toUpperCase()}${suite.where.slice(1)}.`,
    '- *Added CPU*: microseconds of server CPU a request (all threads) over the same server without sessions, in the same round. It carries over between machines better than requests a second.',
    '- Medians of the rounds, in brackets the lowest and the highest. A ratio is taken within each round: below 1 means that blitz-session takes less, or serves fewer.',
    '- *Memory* is that of the server process at the end: resident, and the heap after a collection.',
    ...sections.flatMap((section) => ['', ...(section.kind === 'hot' ? hotPart : loadPart)(section)]),
    '',
  ].join('\n');
}

function loadPart(section) {
  const { kind, bytes, rows } = section;
  const does =
    kind === 'read'
      ? 'each request reads a counter (`readOnly: true`)'
      : 'each request reads a counter, adds one, writes it back';
  return [
    `## ${headingOf(section)}`,
    '',
    `${section.sessions} sessions in turn over 16 connections; ${does}. ${section.warmUp / 1000} s to warm up, ${section.rounds} interleaved rounds of ${section.duration / 1000} s. Parsing and writing ${bytes} B of JSON costs ${section.codec} µs. ${factsOf(section)}`,
    '',
    ...table(
      [
        'set-up',
        ...['added CPU, µs', 'requests/s', 'p50, ms', 'p99, ms'],
        ...['RSS, MB', 'heap, MB', 'client busy'],
      ],
      rows.map((row) => [
        setupNamed(row.name).label,
        row.added === undefined
          ? `– (${micro(median(row.cpu))} in all)`
          : `${micro(median(row.added))} (${between(row.added, micro)})`,
        whole(median(row.perSecond)),
        median(row.p50).toFixed(2),
        median(row.p99).toFixed(2),
        whole(row.rss / MB),
        (row.heap / MB).toFixed(1),
        `${Math.round(median(row.clientShare) * 100)} %`,
      ]),
    ),
    ...warnings(rows),
    ...ratioPart(rows, ['added', 'perSecond', 'p99']),
  ];
}

function hotPart(section) {
  return [
    `## ${headingOf(section)}`,
    '',
    `${section.hotRequests} requests over ${HOT_CONNECTIONS} connections (at most 5 s), ${section.bytes} B; ${section.warmUp / 1000} s to warm up each process; ${section.rounds} interleaved rounds; *Lost* counts both. ${factsOf(section, 'processes wherever the system put them, the store beside the client')}`,
    '',
    ...table(
      ['set-up', 'requests/s', 'p50, ms', 'p99, ms', 'longest wait, ms', 'lost writes', 'not 200'],
      section.rows.map((row) => [
        setupNamed(row.name).label,
        `${whole(median(row.perSecond))} (${between(row.perSecond, whole)})`,
        median(row.p50).toFixed(1),
        median(row.p99).toFixed(1),
        `${median(row.longest).toFixed(0)} (${between(row.longest, whole)})`,
        `${whole(median(row.lost))} (${between(row.lost, whole)})`,
        whole(row.refused),
      ]),
    ),
    ...ratioPart(section.rows, ['perSecond', 'p99', 'longest']),
  ];
}

export function headingOf({ kind, bytes, processes }) {
  if (kind === 'write') return `${bytes} B`;
  if (kind === 'read') return `${bytes} B, requests that only read`;
  return processes === 1 ? 'One process, one session' : `${processes} processes, one session`;
}

const RATIO_HEADS = {
  added: 'added CPU',
  perSecond: 'requests/s',
  p99: 'p99',
  longest: 'longest wait',
};

/** Ours by each of those that it is compared with: lowest, middle and highest of the rounds. */
function ratioPart(rows, fields) {
  const found = new Map(rows.map((row) => [row.name, row]));
  const lines = rows.flatMap((row) => {
    const { against = [], label } = setupNamed(row.name);
    return against
      .filter((name) => found.has(name))
      .map((name) => {
        const other = found.get(name);
        const cells = fields.map((field) => spread(ratios(row[field], other[field])));
        return [`${label} by ${setupNamed(name).label}`, ...cells];
      });
  });
  if (lines.length === 0) return [];
  const heads = fields.map((field) => `${RATIO_HEADS[field]}, min – median – max`);
  return ['', ...table(['ratio', ...heads], lines)];
}

function spread(numbers) {
  if (numbers === undefined) return '';
  const [low, high] = range(numbers);
  return [low, median(numbers), high].map((number) => number.toFixed(2)).join(' – ');
}

/** What makes a row worthless: answers with the wrong count, or other than 200. */
function warnings(rows) {
  return rows.flatMap(({ name, miscounted, refused }) => {
    const { kind, label } = setupNamed(name);
    if (kind === 'bare' || miscounted + refused === 0) return [];
    return ['', `${label}: ${miscounted} answers with a wrong count, ${refused} that were not 200.`];
  });
}

function factsOf(
  { node, machine, pinned, command, date },
  placed = 'server on one core, client and store on another',
) {
  const where = pinned ? placed : 'not pinned';
  return `Node ${node}, ${machine}; loopback; ${where}; ${date}; \`${command}\`.`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)];
}

function micro(value) {
  return value.toFixed(Math.abs(value) < 100 ? 1 : 0);
}

function between(numbers, shown) {
  return range(numbers).map(shown).join('–');
}

function whole(value) {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
