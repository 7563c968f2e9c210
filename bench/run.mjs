// Sessions beside the peers and the floors; bench/README.md says what is measured and how.
// `node bench/run.mjs [--suite redis,file] [--full] [--rounds 5] [--seconds 3] [--payload 200,4096] [--read-only 200]
// [--hot] [--only a,b] [--warm-up 4] [--dry] [--fresh] [--render] [--list]`.
// BENCH_SERVER_FLAGS are node's flags for the servers, `--cpu-prof --cpu-prof-dir=profiles` for instance.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CLIENT_CORE } from './harness/measure.mjs';
import { sectionsOf, setupsOf } from './harness/plan.mjs';
import { Results, resultsOf } from './harness/results.mjs';
import { measureSection } from './harness/rounds.mjs';
import { setupNamed } from './harness/setups.mjs';
import { SUITES, suiteNamed } from './harness/suites.mjs';

const PEERS = fileURLToPath(new URL('peers', import.meta.url));
/** Without any option: a few minutes for a first impression. */
const SHORT = { suites: 'array,file,redis', rounds: '3', seconds: '1', warmUp: 1000 };

const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    full: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    payload: { type: 'string' },
    'read-only': { type: 'string' },
    hot: { type: 'boolean', default: false },
    only: { type: 'string' },
    'warm-up': { type: 'string' },
    dry: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const short = values.suite === undefined && values.only === undefined && !values.full;
const suites = (values.suite?.split(',') ?? unnamedSuites()).map(suiteNamed);
const options = {
  rounds: Number(values.rounds ?? (short ? SHORT.rounds : 5)),
  duration: Number(values.seconds ?? (short ? SHORT.seconds : 3)) * 1000,
  warmUp: values['warm-up'] === undefined ? (short ? SHORT.warmUp : 4000) : Number(values['warm-up']) * 1000,
  hotRequests: 3000,
};
const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(
  ' ',
);

/** Of the set-ups that are asked for; else all of them, or those of a first impression. */
function unnamedSuites() {
  const names = Object.keys(SUITES);
  if (values.only !== undefined) {
    const wanted = values.only.split(',').map((name) => setupNamed(name).name);
    return names.filter((name) => suiteNamed(name).setups.some((setup) => wanted.includes(setup.name)));
  }
  if (values.render) return names.filter((name) => resultsOf(name) !== undefined);
  return values.full || values.list ? names : SHORT.suites.split(',');
}

/** Installs what the lock file says, again after it has changed. */
function installPeers() {
  const installed = `${PEERS}/node_modules/.package-lock.json`;
  const wanted = `${PEERS}/package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.error('installing the peers into bench/peers ...');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: PEERS,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

function chosenOf(suite) {
  if (values.only !== undefined) {
    const names = values.only.split(',').map((name) => setupNamed(name).name);
    return suite.setups.filter(({ name }) => names.includes(name));
  }
  return short ? suite.setups.filter(({ core }) => core) : suite.setups;
}

async function measured(suite) {
  const results = new Results(suite, values.fresh);
  const chosen = chosenOf(suite);
  const store = await suite.store?.(CLIENT_CORE);
  try {
    for (const section of sectionsOf({ ...values, readOnly: values['read-only'] }, suite)) {
      const setups = setupsOf(section, suite, chosen);
      if (setups.length === 0) continue;
      const rows = await measureSection(section, setups, { ...options, store }, (line) =>
        console.error(`${suite.name}, ${line}`),
      );
      results.add(section, rows, options, command);
      if (!values.dry) results.save();
    }
  } finally {
    await store?.stop();
  }
  return results;
}

if (values.list) {
  for (const { name, setups } of suites) {
    console.log(`${name}:`);
    for (const setup of setups) console.log(`  ${setup.name.padEnd(26)}${setup.label.replaceAll('**', '')}`);
  }
} else if (values.render) {
  for (const suite of suites) new Results(suite).save();
} else {
  installPeers();
  for (const suite of suites) console.log((await measured(suite)).text);
}
