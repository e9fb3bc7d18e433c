/** The candidate that is the fewest typing mistakes away. */
export function nearest(name: string, candidates: readonly string[]): string {
  return candidates.reduce((best, candidate) => (distance(name, candidate) < distance(name, best) ? candidate : best));
}

/** Levenshtein distance, row by row. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replace = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}
