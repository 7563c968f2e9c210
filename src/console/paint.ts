import { styleText } from 'node:util';

/** Ways to set a text off; each returns it unchanged where there are no colours. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly soft: (text: string) => string;
  readonly name: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

type Style = Parameters<typeof styleText>[0];

export function painter(colour: boolean): Paint {
  const as = (style: Style) => (text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  return {
    strong: as('bold'),
    soft: as('gray'),
    name: as('cyan'),
    good: as('green'),
    warn: as('yellow'),
    bad: as('red'),
  };
}

/** `FORCE_COLOR` says yes or no, else `NO_COLOR` says no, else the stream must be a terminal (as Node itself decides). */
export function showsColours(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR']) return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
