// What the pictures of the guide are made of. Each stands on a ground of its own, so that it can be read on a light page
// and on a dark one, and its words are measured before they are placed.

export const COLOURS = {
  ground: '#fdfaf5',
  frame: '#d9cfc0',
  panel: '#ffffff',
  ink: '#221f1b',
  soft: '#5f574c',
  line: '#8b8174',
  one: '#1f5fa8',
  onePale: '#e3edf9',
  other: '#a3470b',
  otherPale: '#fbe8da',
  good: '#22693c',
  goodPale: '#e2f3e7',
  bad: '#a11d2b',
  badPale: '#fbe4e5',
  store: '#594a8c',
  storePale: '#ebe7f7',
};

export const WIDTH = 720;
const FONT = "'Segoe UI', 'Noto Sans', 'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif";
const MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/** Widths in ems of the widest font of the list; a reader's own is this wide at most. */
const NARROW = new Set("iljtfr.,:;’'|!()[]I ");
const WIDE = new Set('mwMWŒœ→…@%');

/** Pixels that a text takes at most. */
export function widthOf(text, size, { bold = false, mono = false } = {}) {
  if (mono) return [...text].length * 0.61 * size;
  let ems = 0;
  for (const letter of text) {
    if (NARROW.has(letter)) ems += 0.4;
    else if (WIDE.has(letter)) ems += 0.98;
    else ems += /\p{Lu}/u.test(letter) ? 0.74 : 0.63;
  }
  return ems * size * (bold ? 1.1 : 1);
}

/** Where no paint is left: a text too long for its place is a fault of the drawing, not something to cut. */
function demandRoom(text, size, room, style) {
  if (room === undefined) return;
  const needed = widthOf(text, size, style);
  if (needed > room) throw new Error(`« ${text} » takes ${Math.ceil(needed)} px, and has ${room}`);
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function tag(name, attributes, content) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? Math.round(value * 10) / 10 : value}"`)
    .join('');
  return content === undefined ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** One line of text; `room`: the pixels that it may take. */
export function text(x, y, words, options = {}) {
  const { size = 13.5, fill = COLOURS.ink, anchor = 'middle', bold = false, mono = false, room } = options;
  demandRoom(words, size, room, { bold, mono });
  const attributes = {
    x,
    y,
    'font-size': size,
    fill,
    'text-anchor': anchor === 'middle' ? 'middle' : anchor,
    'font-weight': bold ? 600 : undefined,
    'font-family': mono ? MONO : undefined,
  };
  return tag('text', attributes, escaped(words));
}

export function box(x, y, width, height, options = {}) {
  const { fill = COLOURS.panel, stroke = COLOURS.line, radius = 8, dash, weight = 1.4 } = options;
  const attributes = { x, y, width, height, rx: radius, fill, stroke, 'stroke-width': weight };
  return tag('rect', { ...attributes, 'stroke-dasharray': dash });
}

/** A box with lines of text in its middle; the first one may be bold. */
export function labelled(x, y, width, height, lines, options = {}) {
  const { size = 13.5, boldFirst = false, ink = COLOURS.ink, mono = false, ...rest } = options;
  const gap = size * 1.35;
  const first = y + height / 2 - ((lines.length - 1) * gap) / 2 + size * 0.35;
  return [
    box(x, y, width, height, rest),
    ...lines.map((line, at) =>
      text(x + width / 2, first + at * gap, line, {
        size: boldFirst && at > 0 ? size - 1.5 : size,
        bold: boldFirst && at === 0,
        fill: boldFirst && at > 0 ? COLOURS.soft : ink,
        mono,
        room: width - 12,
      }),
    ),
  ];
}

export function line(x1, y1, x2, y2, options = {}) {
  const { stroke = COLOURS.line, dash, weight = 1.4 } = options;
  return tag('line', { x1, y1, x2, y2, stroke, 'stroke-width': weight, 'stroke-dasharray': dash });
}

/** A straight arrow, with its head at the end. */
export function arrow(x1, y1, x2, y2, options = {}) {
  const { stroke = COLOURS.ink, weight = 1.8 } = options;
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [bx, by] = [x2 - dx * 9, y2 - dy * 9];
  const points = [
    [x2, y2],
    [bx - dy * 4.5, by + dx * 4.5],
    [bx + dy * 4.5, by - dx * 4.5],
  ].map((point) => point.map((value) => Math.round(value * 10) / 10).join(','));
  return [
    line(x1, y1, bx, by, { ...options, stroke, weight }),
    tag('polygon', { points: points.join(' '), fill: stroke }),
  ];
}

/** The whole picture: what it shows is told to who cannot see it. */
export function picture({ name, title, desc, height }, parts) {
  const head = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    `  role="img" aria-labelledby="${name}-titre ${name}-texte" font-family="${FONT}">`,
    `  <title id="${name}-titre">${escaped(title)}</title>`,
    `  <desc id="${name}-texte">${escaped(desc)}</desc>`,
  ];
  const ground = box(1, 1, WIDTH - 2, height - 2, {
    fill: COLOURS.ground,
    stroke: COLOURS.frame,
    radius: 14,
    weight: 2,
  });
  return `${[...head, ...[ground, ...parts.flat(5)].map((part) => `  ${part}`), '</svg>'].join('\n')}\n`;
}
