import { arrow, COLOURS, labelled, line, text, WIDTH } from './svg.mjs';

const COLUMNS = [120, 360, 600];
const STEP = 46;
const PALES = [COLOURS.onePale, COLOURS.storePale, COLOURS.otherPale];
const INKS = [COLOURS.one, COLOURS.store, COLOURS.other];

/** `what`: what the middle column holds now. */
export const holds = (what, mood = 'plain') => ({ kind: 'holds', what, mood });
/** One column tells another something; `mood`: plain, good or bad. */
export const says = (from, to, what, mood = 'plain') => ({ kind: 'says', from, to, what, mood });
/** What a column does by itself. */
export const does = (column, what, mood = 'plain') => ({ kind: 'does', column, what, mood });
/** A column waits from here on, for so many steps; it takes no step itself. */
export const waits = (column, steps, what) => ({ kind: 'waits', column, steps, what });

const MOODS = {
  plain: [COLOURS.panel, COLOURS.line, COLOURS.ink],
  good: [COLOURS.goodPale, COLOURS.good, COLOURS.good],
  bad: [COLOURS.badPale, COLOURS.bad, COLOURS.bad],
};

/** Two requests and what stands between them, time going down. Returns the parts and where they end. */
export function sequence(top, { heading, actors, steps, verdict }) {
  const parts = [];
  let y = top;
  if (heading !== undefined) {
    parts.push(text(WIDTH / 2, y + 16, heading, { size: 16, bold: true, room: WIDTH - 48 }));
    y += 34;
  }
  actors.forEach((actor, at) => {
    const look = { fill: PALES[at], stroke: INKS[at], boldFirst: true, ink: INKS[at] };
    parts.push(labelled(COLUMNS[at] - 92, y, 184, 36, [actor], { ...look, size: 14 }));
  });
  y += 36;
  const began = y;
  const drawn = [];
  for (const step of steps) {
    if (step.kind === 'waits') {
      const [fill, stroke] = [COLOURS.panel, INKS[step.column]];
      const height = step.steps * STEP - 12;
      const look = { fill, stroke, dash: '5 4', size: 12.5, ink: stroke };
      drawn.push(labelled(COLUMNS[step.column] - 62, y + 14, 124, height, [step.what], look));
      continue;
    }
    y += STEP;
    const [fill, stroke, ink] = MOODS[step.mood];
    if (step.kind === 'says') {
      const [from, to] = [COLUMNS[step.from], COLUMNS[step.to]];
      const way = Math.sign(to - from);
      const colour = step.mood === 'plain' ? INKS[step.from === 1 ? step.to : step.from] : stroke;
      drawn.push(arrow(from + way * 6, y, to - way * 6, y, { stroke: colour }));
      const middle = (from + to) / 2;
      drawn.push(text(middle, y - 7, step.what, { size: 13, fill: colour, room: 226 }));
    } else {
      const column = step.kind === 'holds' ? 1 : step.column;
      drawn.push(
        labelled(COLUMNS[column] - 96, y - 24, 192, 30, [step.what], {
          fill: step.kind === 'holds' && step.mood === 'plain' ? COLOURS.storePale : fill,
          stroke: step.kind === 'holds' && step.mood === 'plain' ? COLOURS.store : stroke,
          ink: step.kind === 'holds' && step.mood === 'plain' ? COLOURS.store : ink,
          radius: step.kind === 'holds' ? 15 : 6,
          size: 13,
        }),
      );
    }
  }
  y += 22;
  for (const column of COLUMNS) parts.push(line(column, began, column, y, { dash: '2 4' }));
  parts.push(...drawn);
  const [fill, stroke, ink] = MOODS[verdict.mood];
  parts.push(
    labelled(28, y, WIDTH - 56, 24 + verdict.lines.length * 20, verdict.lines, {
      fill,
      stroke,
      ink,
      size: 14,
    }),
  );
  return { parts, bottom: y + 24 + verdict.lines.length * 20 };
}
