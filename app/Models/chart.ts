import { milliseconds } from '../Helpers/french.ts';

/** One bar: a time of waiting, then a time of work. All in milliseconds. */
export interface Bar {
  readonly label: string;
  readonly arrived: number;
  readonly began: number;
  readonly ended: number;
  /** Whether what it wrote is still there. */
  readonly kept: boolean;
}

/** A bar in percent of the width. */
interface Drawn extends Bar {
  readonly x: number;
  readonly wait: number;
  readonly work: number;
}

export interface Chart {
  readonly bars: readonly Drawn[];
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
  /** From the first arrival to the last end, in milliseconds. */
  readonly span: number;
}

/** Widest share of the width that a bar takes, so that the last label of the axis finds room. */
const FULL = 96;

/** Bars beside a common time axis of `wanted` milliseconds, one at least, which begins at the first arrival. */
export function chartOf(bars: readonly Bar[], wanted: number): Chart {
  const scale = Math.max(wanted, 1);
  const zero = Math.min(...bars.map(({ arrived }) => arrived));
  const percent = (time: number): number => Math.round((time / scale) * FULL * 100) / 100;
  const drawn = bars.map((bar) => ({
    ...bar,
    arrived: bar.arrived - zero,
    began: bar.began - zero,
    ended: bar.ended - zero,
    x: percent(bar.arrived - zero),
    wait: percent(bar.began - bar.arrived),
    work: percent(bar.ended - bar.began),
  }));
  const step = stepOf(scale);
  const ticks = Array.from({ length: Math.floor(scale / step) + 1 }, (_, at) => ({
    x: percent(at * step),
    label: at === 0 ? '0' : milliseconds(at * step),
  }));
  return { bars: drawn, ticks, span: spanOf(bars) };
}

/** From the first arrival to the last end. */
export function spanOf(bars: readonly Bar[]): number {
  if (bars.length === 0) return 0;
  return Math.max(...bars.map(({ ended }) => ended)) - Math.min(...bars.map(({ arrived }) => arrived));
}

/** A round step that gives three to six ticks. */
function stepOf(scale: number): number {
  const power = 10 ** Math.floor(Math.log10(scale));
  return [0.2, 0.25, 0.5, 1].map((part) => part * power).find((step) => scale / step <= 5) ?? 2 * power;
}
