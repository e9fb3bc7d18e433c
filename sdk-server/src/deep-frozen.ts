/**
 * Freezes a value of plain JSON and everything inside it, and returns it. What is remembered is handed to many requests: a
 * write by one of them throws a TypeError in place of changing what the others see.
 *
 * @example
 * const claims = deepFrozen(JSON.parse('{"roles":["teller"]}'));
 * claims.roles.push('admin'); // TypeError
 */
export function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFrozen(inner);
  return Object.freeze(value);
}
