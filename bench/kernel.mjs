// What the application kernel costs over bare Fastify: `node bench/kernel.mjs [--rounds 5] [--seconds 3] [--dry]`.
// The session's own cost is what the same session adds to `node:http`; what is left is the kernel's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KERNEL_SETUPS } from './harness/kernel-setups.mjs';
import { measure } from './harness/measure.mjs';
import { PINNED } from './harness/processes.mjs';
import { median, range } from './harness/statistics.mjs';

const BYTES = 200;
/** Microseconds that the kernel may add without the session's own cost. */
const TARGET = 30;
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    dry: { type: 'boolean', default: false },
  },
});
const options = { duration: Number(values.seconds) * 1000, warmUp: 3000, sessions: 1000 };

async function round(number) {
  const turn = number % KERNEL_SETUPS.length;
  const measured = {};
  for (const setup of [...KERNEL_SETUPS.slice(turn), ...KERNEL_SETUPS.slice(0, turn)]) {
    measured[setup.name] = await measure(setup, BYTES, options);
    console.error(`round ${number + 1}, ${setup.name}: ${measured[setup.name].cpu.toFixed(1)} µs`);
  }
  const added = (name) => {
    const { bare } = KERNEL_SETUPS.find((setup) => setup.name === name);
    return measured[name].cpu - measured[bare].cpu;
  };
  return {
    cpu: Object.fromEntries(KERNEL_SETUPS.map(({ name }) => [name, measured[name].cpu])),
    added: Object.fromEntries(
      KERNEL_SETUPS.filter(({ bare }) => bare).map(({ name }) => [name, added(name)]),
    ),
    own: added('kernel') - added('array-node'),
  };
}

const rounds = [];
for (let number = 0; number < Number(values.rounds); number++) rounds.push(await round(number));

const shown = (numbers) => {
  const [low, high] = range(numbers);
  return `${median(numbers).toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
};
const rows = KERNEL_SETUPS.map(({ name, label, bare }) => {
  const added = bare === undefined ? '' : shown(rounds.map((each) => each.added[name]));
  return `| ${label} | ${shown(rounds.map((each) => each.cpu[name]))} | ${added} |`;
});
const own = rounds.map((each) => each.own);
const text = `# The kernel beside bare Fastify

Repeat it with \`npm run bench:kernel -- --rounds ${rounds.length}\`.

- ${new Date().toISOString().slice(0, 10)}; Node ${process.versions.node}, ${availableParallelism()} cores; ${PINNED ? 'server kept on one core, client on another' : 'not pinned'}; ${rounds.length} interleaved rounds, medians, in brackets the lowest and the highest; ${BYTES} B sessions, 1000 in turn over 16 connections.
- *CPU*: microseconds of server CPU a request; *added*: over the bare server of the same kind in the same round.

| set-up | CPU, µs | added, µs |
| --- | --: | --: |
${rows.join('\n')}

The kernel without the session's own cost (added by kernel and session, less what the session adds to \`node:http\`):
**${shown(own)} µs**; at most ${TARGET} µs is wanted: ${median(own) <= TARGET ? 'met' : 'missed'}.
`;
console.log(text);
if (!values.dry) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}/kernel.md`, text);
}
