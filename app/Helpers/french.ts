const NUMBERS = new Intl.NumberFormat('fr-FR');
const PRICES = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' });
const DECIMALS = new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 1 });

/** Puts the non-breaking spaces that French wants before double punctuation and inside guillemets. */
export function french(text: string): string {
  return text
    .replace(/ ([;!?])/g, '\u202f$1')
    .replace(/ ([:»])/g, '\u00a0$1')
    .replace(/« /g, '«\u00a0');
}

/** A number as French writes it: 1 234. */
export function number(value: number): string {
  return NUMBERS.format(value);
}

/** A price, from cents: 3,20 €. */
export function price(cents: number): string {
  return PRICES.format(cents / 100);
}

/** Milliseconds with one decimal: 5,2 ms. */
export function milliseconds(value: number): string {
  return `${DECIMALS.format(value)}\u00a0ms`;
}

/** `count` and its noun, as French agrees them: 0 and 1 are singular. */
export function counted(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${number(count)}\u00a0${Math.abs(count) < 2 ? singular : plural}`;
}

/** How long something lasts, in its largest unit: 45 secondes, 3 minutes, 2 heures. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return counted(whole, 'seconde');
  if (whole < 3600) return counted(Math.floor(whole / 60), 'minute');
  return counted(Math.floor(whole / 3600), 'heure');
}

/** How long ago something was. */
export function ago(since: Date): string {
  const seconds = (Date.now() - since.getTime()) / 1000;
  return seconds < 5 ? 'à l’instant' : `il y a ${duration(seconds)}`;
}
