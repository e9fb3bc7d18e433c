/** One scope: printable ASCII without space, `"` and `\` (RFC 6749 §3.3). */
export const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Longest list of scopes, in characters: with all that hooks may add, an access token still fits into a header. */
export const maxScopeLength = 512;

/** The scopes of a list that is separated by spaces, each once; `undefined` for what is no such list (RFC 6749 §3.3). */
export function parseScope(list: string): readonly string[] | undefined {
  if (list.length > maxScopeLength) return undefined;
  const scopes = list.split(' ');
  return scopes.every((scope) => scopePattern.test(scope)) ? [...new Set(scopes)] : undefined;
}

/**
 * Whether a `scope` claim (RFC 9068 §2.2.3) holds a scope.
 *
 * @example hasScope('report:read report:write', 'report:read') // true
 */
export function hasScope(granted: unknown, scope: string): boolean {
  return typeof granted === 'string' && granted.split(' ').includes(scope);
}
