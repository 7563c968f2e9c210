// Sessions beside the peer and the floor:
// `node bench/run.mjs [--suite file] [--rounds 5] [--seconds 3] [--only a,b] [--dry]`.
// `--suite` is one of harness/suites.mjs; `--only` takes names of its set-ups; `--dry` prints the report without
// writing it into results/.
// BENCH_SERVER_FLAGS are node's flags for the servers, `--cpu-prof --cpu-prof-dir=profiles` for instance.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CLIENT_CORE, measure, measureHot } from './harness/measure.mjs';
import { payloadOf } from './harness/payload.mjs';
import { PINNED } from './harness/processes.mjs';
import { report } from './harness/report.mjs';
import { setupNamed } from './harness/setups.mjs';
import { summarize } from './harness/statistics.mjs';
import { suiteNamed } from './harness/suites.mjs';

const SIZES = [200, 4096];
const PEERS = fileURLToPath(new URL('peers', import.meta.url));
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'file' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string' },
    dry: { type: 'boolean', default: false },
  },
});
const suite = suiteNamed(values.suite);
const options = {
  rounds: Number(values.rounds),
  duration: Number(values.seconds) * 1000,
  warmUp: 3000,
  sessions: 1000,
  hotRequests: 1500,
};
const chosen = values.only === undefined ? suite.setups : values.only.split(',').map(setupNamed);

/** A set-up is measured beside the bare server that it is compared with. */
function withBare(setups) {
  return suite.setups.filter(({ name }) =>
    setups.some((setup) => setup.name === name || setup.bare === name),
  );
}

function installPeers() {
  if (existsSync(`${PEERS}/node_modules`)) return;
  console.error('installing the peers into bench/peers ...');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: PEERS,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

/** All set-ups at one size, beginning with another one each round. */
async function mainRound(round, bytes) {
  const setups = withBare(chosen);
  const turn = round % setups.length;
  const measured = new Map();
  for (const setup of [...setups.slice(turn), ...setups.slice(0, turn)]) {
    const outcome = await measure(setup, bytes, options);
    measured.set(setup.name, outcome);
    console.error(
      `round ${round + 1}, ${bytes} B, ${setup.name}: ${outcome.cpu.toFixed(1)} µs, ${outcome.perSecond.toFixed(0)}/s`,
    );
  }
  return new Map(
    setups.map(({ name, bare }) => {
      const outcome = measured.get(name);
      const added = bare === undefined ? undefined : outcome.cpu - measured.get(bare).cpu;
      return [name, { ...outcome, added }];
    }),
  );
}

async function hotRound(round) {
  const measured = new Map();
  for (const setup of chosen.filter(({ name }) => suite.hot.includes(name))) {
    const outcome = await measureHot(setup, SIZES[0], {
      requests: options.hotRequests,
      store: options.store,
    });
    measured.set(setup.name, outcome);
    console.error(
      `round ${round + 1}, hot, ${setup.name}: ${outcome.perSecond.toFixed(0)}/s, ${outcome.lost} lost`,
    );
  }
  return measured;
}

/** Microseconds that `JSON.parse` and `JSON.stringify` of the session take. */
function codecCost(bytes) {
  const text = JSON.stringify({ payload: payloadOf(bytes), count: 1 });
  let began = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    if (turn === 10_000) began = performance.now();
    JSON.stringify(JSON.parse(text));
  }
  return (performance.now() - began) / 10;
}

installPeers();
options.store = await suite.store?.(CLIENT_CORE);
const rounds = { main: new Map(SIZES.map((size) => [size, []])), hot: [] };
for (let round = 0; round < options.rounds; round++) {
  for (const size of SIZES) rounds.main.get(size).push(await mainRound(round, size));
  rounds.hot.push(await hotRound(round));
}
await options.store?.stop();
const text = report({
  suite,
  sizes: SIZES,
  main: new Map(SIZES.map((size) => [size, summarize(rounds.main.get(size))])),
  hot: rounds.hot[0].size === 0 ? undefined : summarize(rounds.hot),
  options,
  command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
  pinned: PINNED,
  codec: new Map(SIZES.map((size) => [size, codecCost(size)])),
});
if (values.dry) console.log(text);
else {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}/${suite.results}.md`, text);
  console.log(text);
}
