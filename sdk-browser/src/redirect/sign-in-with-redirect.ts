import { assertOptions, type OptionNames, pagePaths, type SignInRequest } from '@latchkey/contract';
import { getInternals, type SessionInternals } from '../inside.ts';
import { createPkce } from '../login/pkce.ts';
import { type BrowserPage, getBrowserPage } from '../platform/page.ts';
import { randomBase64url } from '../platform/random.ts';
import type { Session } from '../session.ts';
import { createRotationKey } from '../storage/rotation-keys.ts';
import { getRedirectAttempts } from './get-redirect-attempts.ts';

export interface RedirectInput {
  /** Where to come back to, exactly as it stands in the service's list. Default: this page, without query and fragment. */
  readonly app?: string;
  /** Anything that JSON can hold, for {@link handleRedirect} to return; it stays in this tab. */
  readonly state?: unknown;
  /** Default: the session's `tenant`. */
  readonly tenant?: string;
  /** Scopes that the session shall have at most, separated by spaces. Default: all that the user may have. */
  readonly scope?: string;
}

const names: OptionNames<RedirectInput> = { app: true, state: true, tenant: true, scope: true };
const attemptMs = 600_000;
const stateBytes = 16;

function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

function signInUrl({ options }: SessionInternals, request: SignInRequest): string {
  return `${options.url}${pagePaths.signIn}?${new URLSearchParams({ ...request })}`;
}

/**
 * Goes to the sign-in page of the service, for apps at another origin; the person comes back within ten minutes, in this
 * tab, to `app`, which calls {@link handleRedirect}. Resolves when the browser begins to leave.
 *
 * Rejects with `TypeError` where there is no `sessionStorage`, and on plain http with `unavailable` when the hash that the
 * SDK brings for pages without WebCrypto cannot be loaded. `page` is for tests.
 *
 * @example
 * const { status } = await session.connect();
 * if (status === 'signed_out') await signInWithRedirect(session, { state: { back: location.pathname } });
 */
export async function signInWithRedirect(
  session: Session,
  input: RedirectInput = {},
  page: BrowserPage | undefined = getBrowserPage(),
): Promise<void> {
  const inside = getInternals(session);
  assertOptions('signInWithRedirect', input, names);
  if (page === undefined) throw new TypeError('A redirect sign-in needs a browser that allows sessionStorage.');
  const { app = withoutQuery(page.url), tenant = inside.options.tenant, scope } = input;
  const { verifier, challenge } = await createPkce();
  const thumbprint = await inside.core.prover?.ensureKey();
  const state = randomBase64url(stateBytes);
  const attempt = { verifier, rotationKey: createRotationKey(), until: page.now() + attemptMs, appState: input.state };
  getRedirectAttempts(inside, page).save(state, attempt);
  page.navigate(
    signInUrl(inside, {
      app,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      state,
      ...(thumbprint === undefined ? {} : { dpop_jkt: thumbprint }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(scope === undefined ? {} : { scope }),
    }),
  );
}
