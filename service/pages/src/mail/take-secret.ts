import { bytes32Pattern, pagePaths } from '@latchkey/contract';

/** The pages of mails, which work without a session of this browser. */
const mailPages: ReadonlySet<string> = new Set([
  pagePaths.forgot,
  pagePaths.verify,
  pagePaths.reset,
  pagePaths.emailSignIn,
  pagePaths.accountEmail,
  pagePaths.undo,
  pagePaths.invitation,
]);

export function isMailPage({ pathname }: Pick<Location, 'pathname'>): boolean {
  return mailPages.has(pathname);
}

/**
 * The secret of a link, `#secret=…`. It is removed from the address and the history before anything else runs, so that neither
 * a shared address nor a look at the history shows it. `undefined`: there is none, or it is not whole.
 */
export function takeSecret({ location, history }: Pick<Window, 'location' | 'history'>): string | undefined {
  const secret = new URLSearchParams(location.hash.slice(1)).get('secret') ?? '';
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  return bytes32Pattern.test(secret) ? secret : undefined;
}
