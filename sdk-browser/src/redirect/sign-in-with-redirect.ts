import { assertOptions, type OptionNames, pagePaths, type SignInRequest } from '@latchkey/contract';
import { createPkce } from '../auth/pkce.ts';
import { type BrowserPage, getBrowserPage } from '../platform/page.ts';
import { randomBase64url } from '../platform/random.ts';
import { getInternals, type SessionInternals } from '../session/internals.ts';
import type { Session } from '../session/session.ts';
import { createRotationKey } from '../tokens/rotation-keys.ts';
import { getRedirectAttempts } from './get-redirect-attempts.ts';

/** Input of {@link signInWithRedirect}. */
export interface RedirectInput {
  /** Address to return to, exactly as in the setting of the service. Default: this page, without query and fragment. */
  readonly app?: string;
  /** Any JSON value, returned by {@link handleRedirect}. It is kept in this tab. */
  readonly state?: unknown;
  /** Default: the `tenant` of the session. */
  readonly tenant?: string;
  /** Requested scopes, separated by spaces. Default: all scopes of the user. */
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
 * Navigates to the sign-in page of the service, for apps at another origin. The browser returns to `app` in this tab, which must
 * call {@link handleRedirect} within ten minutes. Resolves when the navigation begins.
 *
 * Rejects with `TypeError` without `sessionStorage`, and on plain http with `unavailable` when the hash function for pages without
 * WebCrypto cannot be loaded. `page` is for tests.
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
  if (page === undefined)
    throw new TypeError('A redirect sign-in needs sessionStorage, which this browser forbids or lacks.');
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
