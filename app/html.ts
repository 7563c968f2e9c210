/** Markup that is already safe to send. Only `html` makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of a page. Every value is escaped, lists are joined, `undefined` is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, at) => french(text) + render(parts[at])).join(''));
}

/** Puts the non-breaking spaces that French wants before double punctuation and inside guillemets. */
export function french(text: string): string {
  return text
    .replace(/ ([;!?])/g, '\u202f$1')
    .replace(/ ([:»])/g, '\u00a0$1')
    .replace(/« /g, '«\u00a0');
}

/** `count` and its noun, as French agrees them: 0 and 1 are singular. */
export function counted(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${number(count)}\u00a0${Math.abs(count) < 2 ? singular : plural}`;
}

/** A number as French writes it: 1 234. */
export function number(value: number): string {
  return NUMBERS.format(value);
}

const NUMBERS = new Intl.NumberFormat('fr-FR');

function render(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === undefined) return '';
  if (typeof part === 'object') return part.map(render).join('');
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
