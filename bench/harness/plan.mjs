const WRITES = [200, 4096];
const ALL_WRITES = [200, 4096, 65_536];
const READS = [200, 65_536];
const PROCESSES = [1, 4];
/** Sessions in turn; larger ones are fewer, so that memcached keeps all of them. */
const SESSIONS = 1000;
const LARGE = { from: 32_768, sessions: 200 };

/**
 * What is measured, in the order of the report. A section is one table: `write` and `read` at a size, `hot` with a
 * number of processes. Set-ups within a section are measured beside each other.
 */
export function sectionsOf({ full, payload, hot, readOnly }, suite) {
  const asked = payload !== undefined || hot || readOnly !== undefined;
  const writes = payload?.split(',').map(Number) ?? (asked ? [] : full ? ALL_WRITES : WRITES);
  const reads = readOnly?.split(',').map(Number) ?? (full && !asked ? READS : []);
  const processes = hot || !asked ? PROCESSES : [];
  return [
    ...writes.map((bytes) => ({ kind: 'write', bytes })),
    ...(suite.readsNothing ? [] : reads.map((bytes) => ({ kind: 'read', bytes }))),
    ...processes.map((count) => ({ kind: 'hot', processes: count, bytes: WRITES[0] })),
  ]
    .map((section) => ({ ...section, key: keyOf(section), sessions: sessionsOf(section) }))
    .filter((section) => suite.setups.some((setup) => fits(setup, section)));
}

/** The set-ups of a section: those that are chosen, and the bare servers that they are compared with. */
export function setupsOf(section, suite, chosen) {
  const fitting = chosen.filter((setup) => fits(setup, section));
  if (section.kind === 'hot') return fitting;
  return suite.setups.filter(({ name }) =>
    fitting.some((setup) => setup.name === name || setup.bare === name),
  );
}

function fits(setup, { kind, bytes, processes }) {
  if (setup.bytes !== undefined && bytes > setup.bytes) return false;
  if (kind !== 'hot') return true;
  return setup.hot === true && processes <= (setup.processes ?? Infinity);
}

function keyOf({ kind, bytes, processes }) {
  return `${kind}-${kind === 'hot' ? processes : bytes}`;
}

function sessionsOf({ kind, bytes }) {
  if (kind === 'hot') return 1;
  return bytes >= LARGE.from ? LARGE.sessions : SESSIONS;
}
