import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.mjs';
import { writeIntoGuide } from './french-page.mjs';
import { payloadOf } from './payload.mjs';
import { PINNED } from './processes.mjs';
import { report } from './report.mjs';

const FOLDER = fileURLToPath(new URL('../results', import.meta.url));
/** The charts in French belong to the guide. */
const PICTURES = fileURLToPath(new URL('../../docs-fr/images/mesures', import.meta.url));
const ORDER = ['write', 'read', 'hot'];

/**
 * What was measured of one suite, by section, with the facts of the run that measured it. It is kept as JSON beside the
 * report, so that a run of a few sections leaves the others where they are.
 */
export class Results {
  #suite;
  #sections;

  /** `fresh` forgets what earlier runs have left. */
  constructor(suite, fresh = false) {
    this.#suite = suite;
    const path = pathOf(suite, 'json');
    this.#sections = !fresh && existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).sections : {};
  }

  add(section, rows, { rounds, duration, warmUp, hotRequests }, command) {
    const { key, ...rest } = section;
    this.#sections[key] = {
      ...rest,
      ...facts(),
      ...{ rounds, duration, warmUp, hotRequests, command },
      codec: Number(codecCost(section.bytes).toFixed(1)),
      rows,
    };
  }

  get text() {
    return report(this.#suite, inOrder(this.#sections));
  }

  save() {
    const sections = inOrder(this.#sections);
    mkdirSync(FOLDER, { recursive: true });
    mkdirSync(PICTURES, { recursive: true });
    writeFileSync(pathOf(this.#suite, 'md'), report(this.#suite, sections));
    writeFileSync(pathOf(this.#suite, 'svg'), chart(this.#suite, sections, 'en'));
    writeFileSync(`${PICTURES}/${this.#suite.name}.svg`, chart(this.#suite, sections, 'fr'));
    writeIntoGuide(this.#suite, sections);
    const kept = Object.fromEntries(sections.map(({ key, ...section }) => [key, section]));
    writeFileSync(pathOf(this.#suite, 'json'), `${JSON.stringify({ sections: kept }, null, 1)}\n`);
  }
}

/** The sections that were measured of a suite; undefined where nothing was. */
export function resultsOf(name, folder = FOLDER) {
  const path = `${folder}/${name}.json`;
  return existsSync(path) ? inOrder(JSON.parse(readFileSync(path, 'utf8')).sections) : undefined;
}

function inOrder(sections) {
  const place = ({ kind, processes, bytes }) => ORDER.indexOf(kind) * 1e9 + (processes ?? bytes);
  return Object.entries(sections)
    .map(([key, section]) => ({ key, ...section }))
    .sort((a, b) => place(a) - place(b));
}

function pathOf({ name }, extension) {
  return `${FOLDER}/${name}.${extension}`;
}

function facts() {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.versions.node,
    machine: `${platform()} ${arch()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB`,
    pinned: PINNED,
  };
}

/** Microseconds that `JSON.parse` and `JSON.stringify` of the session take. */
function codecCost(bytes) {
  const text = JSON.stringify({ payload: payloadOf(bytes), count: 1 });
  const turns = Math.max(200, Math.min(10_000, Math.round(4e7 / bytes)));
  let began = 0;
  for (let turn = 0; turn < turns * 2; turn++) {
    if (turn === turns) began = performance.now();
    JSON.stringify(JSON.parse(text));
  }
  return ((performance.now() - began) / turns) * 1000;
}
