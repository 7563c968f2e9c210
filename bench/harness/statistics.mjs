export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function range(numbers) {
  return [Math.min(...numbers), Math.max(...numbers)];
}

/** Adds across the rounds: `rounds[i]` is what round `i` gave under each name; names in the order of the first. */
export function summarize(rounds) {
  return new Map(
    [...rounds[0].keys()].map((name) => {
      const values = rounds.map((round) => round.get(name));
      const of = (field) => values.map((value) => value[field]).filter((number) => number !== undefined);
      const middle = (field) => median(of(field));
      return [name, { of, middle }];
    }),
  );
}
