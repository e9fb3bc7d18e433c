/** A binary heap of numbers: the smallest first. */
export function createMinHeap() {
  const ticks: number[] = [];

  function swap(a: number, b: number): void {
    const held = ticks[a]!;
    ticks[a] = ticks[b]!;
    ticks[b] = held;
  }

  function rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (ticks[parent]! <= ticks[at]!) return;
      swap(at, parent);
      at = parent;
    }
  }

  function smallestOf(at: number): number {
    let smallest = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < ticks.length && ticks[child]! < ticks[smallest]!) smallest = child;
    }
    return smallest;
  }

  function sink(): void {
    for (let at = 0; ; ) {
      const smallest = smallestOf(at);
      if (smallest === at) return;
      swap(at, smallest);
      at = smallest;
    }
  }

  return Object.freeze({
    push(tick: number) {
      ticks.push(tick);
      rise(ticks.length - 1);
    },
    peek: () => ticks[0],
    pop() {
      const first = ticks[0];
      const last = ticks.pop();
      if (ticks.length > 0) {
        ticks[0] = last!;
        sink();
      }
      return first;
    },
    clear() {
      ticks.length = 0;
    },
  });
}
