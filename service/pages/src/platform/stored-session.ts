/** The entry of a session's token is `latchkey:<host>…:token` (docs/why/token-storage.md). */
const tokenName = /^latchkey:.+:token$/;

/**
 * Whether this browser may have a session, without the client of sessions. That of another tenant counts as well. False where the
 * browser forbids the storage.
 */
export function hasStoredSession(open: () => Storage): boolean {
  try {
    const storage = open();
    const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
    return names.some((name) => tokenName.test(name));
  } catch {
    return false;
  }
}
