/** A mark on the objects of a class that another copy of this package knows too, where `instanceof` does not. */
export function brand(prototype: object, name: string): void {
  Object.defineProperty(prototype, symbolOf(name), { value: true });
}

/** Whether a value is of the class of that mark, in whatever copy of this package it was made. */
export function hasBrand(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && symbolOf(name) in value;
}

function symbolOf(name: string): symbol {
  return Symbol.for(`blitz-session.${name}`);
}
