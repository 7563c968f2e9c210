export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function range(numbers) {
  return [Math.min(...numbers), Math.max(...numbers)];
}

/** `own[i] / other[i]` for each round; undefined when a round has nothing that can be divided by. */
export function ratios(own, other) {
  if (own.length === 0 || own.length !== other.length || other.some((number) => !(number > 0))) return;
  return own.map((number, round) => number / other[round]);
}
