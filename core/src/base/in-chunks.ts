/**
 * Divides a list into lists of at most `size` items, in their order.
 *
 * @example
 * inChunks([1, 2, 3], 2); // [[1, 2], [3]]
 */
export function inChunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
