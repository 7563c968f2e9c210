/** How the text of an environment variable becomes an option's value. What cannot be converted stays text. */
export type FromText = (text: string) => unknown;

const YES: ReadonlySet<string> = new Set(['true', '1', 'on', 'yes', 'oui']);
const NO: ReadonlySet<string> = new Set(['false', '0', 'off', 'no', 'non']);

export const asText: FromText = (text) => text;

/** An empty text is `null`: the option goes back to its default. */
export const asTextOrNull: FromText = (text) => (text === '' ? null : text);

export const asBoolean: FromText = (text) => {
  const word = text.trim().toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : text;
};

export const asNumber: FromText = (text) => (/^\s*[+-]?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : text);

/** A number where the text is one, else a boolean (`0` and `1` are numbers), else the text. */
export const asNumberOrBoolean: FromText = (text) => {
  const number = asNumber(text);
  return typeof number === 'number' ? number : asBoolean(text);
};
