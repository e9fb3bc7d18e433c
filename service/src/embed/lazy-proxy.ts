/**
 * Stands in for what comes later: each use asks `standing`, which throws as long as nothing is there.
 *
 * @example
 * const flows = late(() => hosting.node().flows);
 */
export function lazyProxy<T extends object>(getTarget: () => T): T {
  return new Proxy({} as T, { get: (_nothing, name) => Reflect.get(getTarget(), name) });
}
