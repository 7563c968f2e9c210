import { setupNamed } from './setups.mjs';
import { median, range } from './statistics.mjs';

const WIDTH = 1040;
const LABELS = 520;
const VALUES = 210;
const ROW = 22;
const BAR = 13;

const WORDS = {
  en: {
    number: (value) => format(value, ' ', '.'),
    legend: { ours: 'blitz-session', peer: 'other packages, no lock', floor: 'written by hand' },
    write: (bytes) => `Server CPU a request adds, µs — ${bytes} B (less is better)`,
    read: (bytes) => `The same, requests that only read — ${bytes} B (less is better)`,
    hot: (processes) =>
      `Requests a second of one session, ${processes} process${processes === 1 ? '' : 'es'} (more is better)`,
    none: 'none lost',
    lost: (count) => `${count} writes lost`,
    spread: 'The thin line goes from the lowest round to the highest.',
  },
  fr: {
    number: (value) => format(value, '\u202f', ','),
    legend: { ours: 'blitz-session', peer: 'autres paquets, sans verrou', floor: 'écrit à la main' },
    write: (bytes) => `Temps de processeur ajouté par requête, µs — ${bytes}\u00a0o (moins, c’est mieux)`,
    read: (bytes) =>
      `La même chose pour les requêtes qui ne font que lire — ${bytes}\u00a0o (moins, c’est mieux)`,
    hot: (processes) =>
      `Requêtes par seconde d’une seule session, ${processes}\u00a0processus (plus, c’est mieux)`,
    none: 'rien de perdu',
    lost: (count) => `${count} écritures perdues`,
    spread: 'Le trait fin va du plus bas au plus haut des tours.',
  },
};

/** Readable in both: the colours are not all that tells the kinds apart, each row has its name. */
const STYLE = `
.ground{fill:#ffffff}.text{fill:#1f2328}.quiet{fill:#57606a}.axis{stroke:#d0d7de}.spread{stroke:#1f2328}
.ours{fill:#0969da}.peer{fill:#bc4c00}.floor{fill:#8c959f}
@media (prefers-color-scheme:dark){
.ground{fill:#0d1117}.text{fill:#e6edf3}.quiet{fill:#9da7b3}.axis{stroke:#3d444d}.spread{stroke:#e6edf3}
.ours{fill:#58a6ff}.peer{fill:#f0883e}.floor{fill:#6e7681}}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.title{font-size:17px;font-weight:600}.head{font-size:14px;font-weight:600}.strong{font-weight:600}`;

/** A picture of the results: a panel of bars for each section. */
export function chart(suite, sections, language) {
  const words = WORDS[language];
  const title = language === 'fr' ? suite.fr : suite.title;
  let top = 64;
  const panels = sections.map((section) => {
    const panel = panelOf(section, words, language, top);
    top += panel.height;
    return panel;
  });
  const told = panels.map(({ description }) => description).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-labelledby="title desc" xml:lang="${language}">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(told)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${top}" rx="6"/>`,
    text(16, 28, title, 'text title'),
    ...legend(words),
    ...panels.map(({ drawn }) => drawn),
    '</svg>',
    '',
  ].join('\n');
}

function legend(words) {
  let x = 16;
  const parts = Object.entries(words.legend).map(([kind, name]) => {
    const part = `<rect class="${kind}" x="${x}" y="40" width="12" height="12" rx="2"/>${text(x + 18, 50, name, 'quiet')}`;
    x += 34 + name.length * 7;
    return part;
  });
  return [...parts, text(x, 50, words.spread, 'quiet')];
}

function panelOf({ kind, bytes, processes, rows }, words, language, top) {
  const field = kind === 'hot' ? 'perSecond' : 'added';
  const drawn = rows.filter((row) => row[field] !== undefined && setupNamed(row.name).kind !== 'bare');
  const most = Math.max(...drawn.map((row) => range(row[field])[1]), 1);
  const scale = (value) => (Math.max(0, value) / most) * (WIDTH - LABELS - VALUES);
  const head = kind === 'hot' ? words.hot(processes) : words[kind](words.number(bytes));
  const lines = drawn.map((row, at) => {
    const { chart: names, kind: who } = setupNamed(row.name);
    const middle = median(row[field]);
    const [low, high] = range(row[field]).map(scale);
    const value = words.number(middle) + (kind === 'hot' ? ` · ${lostIn(row, words)}` : '');
    const y = top + 34 + at * ROW;
    return {
      told: `${names[language]} ${value}`,
      drawn: [
        text(LABELS - 10, y + 11, names[language], who === 'ours' ? 'text strong' : 'text', 'end'),
        `<rect class="${who}" x="${LABELS}" y="${y}" width="${scale(middle).toFixed(1)}" height="${BAR}" rx="2"/>`,
        `<path class="spread" d="M${(LABELS + low).toFixed(1)} ${y + BAR / 2}H${(LABELS + high).toFixed(1)}"/>`,
        text(
          LABELS + Math.max(scale(middle), high) + 6,
          y + 11,
          value,
          who === 'ours' ? 'text strong' : 'text',
        ),
      ].join(''),
    };
  });
  const height = 34 + drawn.length * ROW + 14;
  return {
    height,
    description: `${head}: ${lines.map(({ told }) => told).join('; ')}.`,
    drawn: [
      text(16, top + 20, head, 'text head'),
      `<path class="axis" d="M${LABELS} ${top + 30}V${top + height - 14}"/>`,
      ...lines.map((line) => line.drawn),
    ].join('\n'),
  };
}

function lostIn({ lost }, words) {
  const count = median(lost);
  return count === 0 ? words.none : words.lost(words.number(count));
}

function text(x, y, content, style, anchor) {
  const end = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${style}" x="${Number(x.toFixed(1))}" y="${y}"${end}>${escaped(content)}</text>`;
}

/** Whole numbers from 100 on, one decimal below. */
function format(value, thousands, point) {
  const shown = value < 100 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
  const [whole, rest] = shown.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return rest === undefined ? grouped : grouped + point + rest;
}

function escaped(content) {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '');
}
