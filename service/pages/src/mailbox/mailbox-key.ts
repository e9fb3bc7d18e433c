const storageName = 'latchkey-mailbox-key';

/** The key of the link that the service printed. It leaves the address, and stays in this tab. `''`: there is none. */
export function takeMailboxKey({
  location,
  history,
  sessionStorage,
}: Pick<Window, 'location' | 'history' | 'sessionStorage'>): string {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (given !== null) {
    sessionStorage.setItem(storageName, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(storageName) ?? '';
}
