/** One move out of a state. `broken` names the invariant that it breaks. */
export interface Move<S> {
  readonly label: string;
  readonly next: S;
  readonly broken?: string | undefined;
}

interface Exploration {
  readonly states: number;
  /** The shortest way to a broken invariant: the moves, then the invariant. */
  readonly counterexample: readonly string[] | undefined;
}

/**
 * Walks every state that can be reached, breadth first, so that a counterexample is a shortest one. Two states are
 * one when their JSON is the same; the moves have to be bounded. Throws past `limit` states: a half explored space
 * proves nothing.
 */
export function explore<S>(start: S, movesOf: (state: S) => readonly Move<S>[], limit = 400_000): Exploration {
  const cameFrom = new Map<string, { parent: string | undefined; label: string }>();
  const startKey = JSON.stringify(start);
  cameFrom.set(startKey, { parent: undefined, label: 'start' });
  let frontier: [string, S][] = [[startKey, start]];
  while (frontier.length > 0) {
    const found: [string, S][] = [];
    for (const [parent, state] of frontier) {
      for (const move of movesOf(state)) {
        if (move.broken !== undefined) {
          const way = [...wayTo(cameFrom, parent), move.label, move.broken];
          return { states: cameFrom.size, counterexample: way };
        }
        const key = JSON.stringify(move.next);
        if (cameFrom.has(key)) continue;
        cameFrom.set(key, { parent, label: move.label });
        found.push([key, move.next]);
      }
    }
    if (cameFrom.size > limit) throw new Error(`more than ${limit} states; make the bounds smaller`);
    frontier = found;
  }
  return { states: cameFrom.size, counterexample: undefined };
}

function wayTo(cameFrom: ReadonlyMap<string, { parent: string | undefined; label: string }>, key: string): string[] {
  const way: string[] = [];
  for (let at = cameFrom.get(key); at?.parent !== undefined; at = cameFrom.get(at.parent)) way.unshift(at.label);
  return way;
}
