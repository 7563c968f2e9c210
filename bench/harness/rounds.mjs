import { measureHot, Subject } from './measure.mjs';

const NUMBERS = ['cpu', 'added', 'perSecond', 'p50', 'p99', 'longest', 'clientShare', 'lost'];
const SUMS = ['miscounted', 'refused'];

/**
 * One section: every set-up in every round, each round beginning with another one. Answers a row a set-up: its name, the
 * list of each number over the rounds, the sums, and its memory at the end. `say` is told what was measured.
 */
export async function measureSection(section, setups, options, say) {
  const rounds = section.kind === 'hot' ? hotRounds : loadRounds;
  const { outcomes, memory } = await rounds(section, setups, options, say);
  return setups.map(({ name, bare }) => {
    const all = outcomes.map((round) => {
      const outcome = round.get(name);
      const beside = round.get(bare);
      return { ...outcome, ...(beside && { added: outcome.cpu - beside.cpu }) };
    });
    const lists = NUMBERS.filter((field) => all[0][field] !== undefined).map((field) => [
      field,
      all.map((outcome) => rounded(outcome[field])),
    ]);
    const sums = SUMS.map((field) => [field, all.reduce((total, outcome) => total + outcome[field], 0)]);
    return { name, ...Object.fromEntries([...lists, ...sums]), ...memory?.get(name) };
  });
}

/** All servers are there from the beginning, so each is warm in each of its turns. */
async function loadRounds({ kind, bytes, sessions, key }, setups, options, say) {
  const reads = kind === 'read';
  const subjects = new Map();
  try {
    await options.store?.clear();
    // A database answers before its disk meanwhile, or the engine would not have compiled yet what is measured then.
    await options.store?.hurry?.(true);
    for (const setup of setups) {
      const subject = await Subject.start(setup, bytes, { sessions, store: options.store });
      subjects.set(setup.name, subject);
      await subject.warmUp(options.warmUp, reads);
    }
    await options.store?.hurry?.(false);
    const outcomes = [];
    for (let round = 0; round < options.rounds; round++) {
      const outcome = new Map();
      for (const { name } of inTurn(setups, round)) {
        const measured = await subjects.get(name).turn(options.duration, reads);
        outcome.set(name, measured);
        say(`${key}, round ${round + 1}, ${name}: ${measured.cpu.toFixed(1)} µs, ${persecond(measured)}`);
      }
      outcomes.push(outcome);
    }
    const memory = new Map();
    for (const [name, subject] of subjects) {
      const { rss, heap } = await subject.memory();
      memory.set(name, { rss, heap });
    }
    return { outcomes, memory };
  } finally {
    for (const subject of subjects.values()) await subject.stop();
  }
}

async function hotRounds({ bytes, processes, key }, setups, options, say) {
  const outcomes = [];
  for (let round = 0; round < options.rounds; round++) {
    const outcome = new Map();
    for (const setup of inTurn(setups, round)) {
      const measured = await measureHot(setup, bytes, {
        processes,
        requests: options.hotRequests,
        warmUp: options.warmUp,
        store: options.store,
      });
      outcome.set(setup.name, measured);
      say(`${key}, round ${round + 1}, ${setup.name}: ${persecond(measured)}, ${measured.lost} lost`);
    }
    outcomes.push(outcome);
  }
  return { outcomes };
}

function inTurn(setups, round) {
  const turn = round % setups.length;
  return [...setups.slice(turn), ...setups.slice(0, turn)];
}

function persecond({ perSecond }) {
  return `${perSecond.toFixed(0)}/s`;
}

function rounded(number) {
  return Number(number.toPrecision(5));
}
