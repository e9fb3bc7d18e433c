/**
 * Freezes a value of plain JSON and everything inside it, and returns it. A cached value is handed to many requests, so a write
 * by one of them has to throw a TypeError instead of changing what the others see.
 *
 * @example
 * const claims = deepFreeze(JSON.parse('{"roles":["teller"]}'));
 * claims.roles.push('admin'); // TypeError
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
