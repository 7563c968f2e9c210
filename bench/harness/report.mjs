import { arch, availableParallelism, platform, totalmem } from 'node:os';
import { setupNamed } from './setups.mjs';
import { range } from './statistics.mjs';

/** The results as Markdown. `main`: a summary for each size; `hot`: one for the session that two processes serve. */
export function report({ suite, sizes, main, hot, options, command, pinned, codec }) {
  return [
    `# ${suite.title}`,
    '',
    `Repeat it with \`${command}\` (\`npm ci\` and \`npm run build\` first).`,
    '',
    `- ${facts(pinned)}`,
    `- ${options.rounds} interleaved rounds, medians; ${suite.where}.`,
    `- ${options.sessions} sessions in turn over 16 connections; each request reads a counter, adds one, writes it back. ${options.warmUp / 1000} s to warm up, ${options.duration / 1000} s measured.`,
    '- *Added CPU*: microseconds of server CPU a request (all threads) over the same server without sessions, in the same round; in brackets the lowest and highest round. It carries over between machines better than requests a second.',
    `- The session holds ${sizes.map((size) => `${size} B`).join(' or ')} of JSON besides the counter; parsing and writing it costs ${sizes.map((size) => `${codec.get(size).toFixed(1)} µs`).join(' and ')}.`,
    ...sizes.flatMap((size) => ['', `## ${size} B`, '', ...mainTable(suite, main.get(size))]),
    ...(hot === undefined ? [] : ['', ...hotSection(suite, hot, options)]),
    '',
  ].join('\n');
}

function facts(pinned) {
  const cores = availableParallelism();
  const memory = Math.round(totalmem() / 2 ** 30);
  const where = pinned
    ? 'server kept on one core, client on another'
    : 'server and client wherever the system put them';
  return `Node ${process.versions.node}, ${platform()} ${arch()}, ${cores} cores, ${memory} GB; loopback; ${where}.`;
}

const MAIN_HEAD = [
  'set-up',
  'added CPU, µs',
  'of the peer',
  'of the floor',
  'requests/s',
  'p50, ms',
  'p99, ms',
  'client busy',
];

function mainTable({ setups }, summary) {
  const added = (role) => {
    const found = setups.find((setup) => setup.role === role && summary.has(setup.name));
    return found === undefined ? undefined : summary.get(found.name).middle('added');
  };
  const [peer, floor] = [added('peer'), added('floor')];
  const rows = [...summary].map(([name, { of, middle }]) => {
    const setup = setupNamed(name);
    const own = setup.bare === undefined ? undefined : middle('added');
    return [
      setup.label,
      own === undefined ? `– (${micro(middle('cpu'))} in all)` : `${micro(own)} (${between(of('added'))})`,
      ratio(own, setup.against === undefined ? peer : summary.get(setup.against)?.middle('added')),
      ratio(own, floor),
      whole(middle('perSecond')),
      middle('p50').toFixed(2),
      middle('p99').toFixed(2),
      `${Math.round(middle('clientShare') * 100)} %`,
    ];
  });
  return [...table(MAIN_HEAD, rows), ...warnings(summary)];
}

/** What makes a row worthless: answers with the wrong count, or other than 200. */
function warnings(summary) {
  return [...summary].flatMap(([name, { of }]) => {
    const { bare, label } = setupNamed(name);
    const wrong = sum(of('miscounted'));
    const refused = sum(of('refused'));
    if (bare === undefined || wrong + refused === 0) return [];
    return ['', `${label}: ${wrong} answers with a wrong count, ${refused} that were not 200.`];
  });
}

function hotSection(suite, hot, options) {
  const head = ['set-up', 'requests/s', 'p50, ms', 'p99, ms', 'lost writes', 'not 200'];
  const rows = suite.hot
    .filter((name) => hot.has(name))
    .map((name) => {
      const { of, middle } = hot.get(name);
      return [
        setupNamed(name).label,
        whole(middle('perSecond')),
        middle('p50').toFixed(1),
        middle('p99').toFixed(1),
        `${whole(middle('lost'))} (${between(of('lost'))})`,
        whole(sum(of('refused'))),
      ];
    });
  return [
    '## Two processes, one session',
    '',
    `${options.hotRequests} requests over 16 connections after as many to warm up, 200 B; processes wherever the system put them. *Lost* counts both.`,
    '',
    ...table(head, rows),
  ];
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '--:'))), ...rows.map(line)];
}

function ratio(own, other) {
  return own === undefined || other === undefined ? '' : (own / other).toFixed(2);
}

function micro(value) {
  return value.toFixed(value < 100 ? 1 : 0);
}

function between(numbers) {
  return range(numbers).map(whole).join('–');
}

function whole(value) {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
