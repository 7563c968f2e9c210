import { language } from '../../support/language.js';
import { escapeHtml } from '../error-page.js';
import type { Entry, Findings } from './observation.js';
import type { Difference } from './shape.js';
import { TEXTS, type Texts } from './texts.js';

/** An earlier request whose answer was a redirect to this page. */
export interface Step {
  /** `POST /panier/cafe/plus → 303`. */
  readonly label: string;
  readonly changes: readonly Difference[];
}

/** Differences and entries of one list that are shown; the rest is counted. */
const MOST = 100;
/** Characters of a changed value that are shown. */
const LONGEST = 400;
const HIDDEN = '•••';

/**
 * The bar as a piece of HTML, with a style sheet of its own address and no script. Everything that comes from the session
 * is escaped; the id and the token are blotted out, wherever they stand.
 */
export function barOf(
  handler: string,
  style: string,
  found: Findings | undefined,
  before: readonly Step[],
): string {
  const lang = language();
  const texts = TEXTS[lang];
  const secrets = found?.secrets ?? [];
  const safe = (text: string): string =>
    escapeHtml(secrets.reduce((kept, secret) => kept.replaceAll(secret, HIDDEN), text));
  const writer = new Writer(texts, safe);
  const count = [...before, ...(found === undefined ? [] : [found])].reduce(
    (sum, { changes }) => sum + changes.length,
    0,
  );
  const wait =
    found?.waited === undefined ? '' : `<span>${texts.wait} ${texts.time(found.waited.toFixed(1))}</span>`;
  return `<blitz-debug-bar lang="${lang}"><template shadowrootmode="open"><link rel="stylesheet" href="${style}"><aside aria-label="${texts.name}"><details>
<summary><span class="name">${texts.name}</span><span>${safe(handler)}</span><span>${stateOf(texts, found)}</span>${wait}<span class="count">${texts.changes(count)}</span></summary>
<div class="panel" tabindex="0" role="group" aria-label="${texts.name}">
${writer.facts(handler, found)}
${before.map(({ label, changes }) => writer.changes(`${texts.before} <span>${safe(label)}</span>`, changes)).join('\n')}
${found === undefined ? '' : writer.lists(found)}
<p class="note">${texts.off}</p>
</div></details></aside></template></blitz-debug-bar>
`;
}

function stateOf(texts: Texts, found: Findings | undefined): string {
  if (found === undefined) return texts.beginning.none;
  const { beginning, ending } = found;
  return ending === 'open'
    ? texts.beginning[beginning]
    : `${texts.beginning[beginning]}, ${texts.ending[ending]}`;
}

/** Writes the parts of the panel. */
class Writer {
  readonly #texts: Texts;
  readonly #safe: (text: string) => string;

  constructor(texts: Texts, safe: (text: string) => string) {
    this.#texts = texts;
    this.#safe = safe;
  }

  facts(handler: string, found: Findings | undefined): string {
    const texts = this.#texts;
    const rows: [string, string][] = [
      [texts.handler, this.#safe(handler)],
      [texts.state, stateOf(texts, found)],
    ];
    if (found !== undefined && found.beginning !== 'none') {
      const waited =
        found.waited === undefined
          ? texts.noWait
          : `${texts.time(found.waited.toFixed(1))} <span class="age">(${texts.waitedFor})</span>`;
      rows.push(
        [texts.id, `<span class="age">${texts.hidden}</span>`],
        [texts.waited, waited],
        [texts.previous, found.previous === undefined ? texts.none : this.#code(found.previous)],
      );
    }
    const list = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('');
    return `<section><dl class="facts">${list}</dl></section>`;
  }

  lists(found: Findings): string {
    const { changed, data, flash, temporary } = this.#texts;
    return [
      this.changes(changed, found.changes),
      this.#entries(data, found.data),
      this.#entries(flash, found.flash),
      this.#entries(temporary, found.temporary),
    ].join('\n');
  }

  changes(title: string, changes: readonly Difference[]): string {
    return this.#list(title, changes, (change) => {
      const sign = change.before === undefined ? 'added' : change.after === undefined ? 'removed' : 'changed';
      const was = change.before === undefined ? '' : `<del>${this.#safe(cut(change.before))}</del>`;
      const is = change.after === undefined ? '' : `<ins>${this.#safe(cut(change.after))}</ins>`;
      const values = [was, is].filter((each) => each !== '').join('\n');
      return `<dt>${this.#safe(change.path)}</dt><dd><span class="age">${this.#texts.signs[sign]}</span><code>${values}</code></dd>`;
    });
  }

  #entries(title: string, entries: readonly Entry[]): string {
    return this.#list(title, entries, ({ key, value, age }) => {
      const left = age === undefined ? '' : `<span class="age">${this.#texts.age(age)}</span>`;
      return `<dt>${this.#safe(key)}</dt><dd>${left}${this.#code(value)}</dd>`;
    });
  }

  #list<T>(title: string, items: readonly T[], row: (item: T) => string): string {
    const rows = items.slice(0, MOST).map((item) => `<div>${row(item)}</div>`);
    const more = items.length > MOST ? `<p>+ ${items.length - MOST}</p>` : '';
    const body = rows.length === 0 ? `<p>${this.#texts.empty}</p>` : `<dl>${rows.join('')}</dl>${more}`;
    return `<section><h2>${title}</h2>${body}</section>`;
  }

  #code(text: string): string {
    return `<code>${this.#safe(text)}</code>`;
  }
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
