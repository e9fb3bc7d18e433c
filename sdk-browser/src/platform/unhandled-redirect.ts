/** True while the address has the unread answer of a redirect sign-in that this tab began under `prefix`. */
export function hasUnhandledRedirect(prefix: string): boolean {
  try {
    const state = new URLSearchParams(location.hash.slice(1)).get('state');
    return state !== null && sessionStorage.getItem(`${prefix}redirect:${state}`) !== null;
  } catch {
    return false;
  }
}
