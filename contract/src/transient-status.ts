const transient: readonly number[] = [408, 425, 429];

/**
 * True for an HTTP status that says nothing about what is served at an address: 408, 425, 429, and each from 500 on. Proxies answer
 * with them for a server that cannot answer now, so the same request may succeed later.
 *
 * @example
 * if (isTransientStatus(response.status)) return 'unavailable';
 */
export function isTransientStatus(status: number): boolean {
  return status >= 500 || transient.includes(status);
}
