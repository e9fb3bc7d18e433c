import { pagePaths, paths } from '@latchkey/contract';
import { createSession, isSignedIn, type Session } from '@latchkey/sdk-browser';
import { getAccount } from '@latchkey/sdk-browser/account';
import { prepareSignIn } from '@latchkey/sdk-browser/redirect';
import { createJsonClient, jsonInit, withoutCredentials } from '../platform/json-client.ts';
import { ownFetch } from '../platform/own-fetch.ts';
import { createOwnSignIn } from '../sign-in/own-sign-in.ts';
import type { PostSignIn } from '../sign-in/post-sign-in.ts';
import { pageUrl } from '../tenant.ts';

/** Signs in on the pages of a tenant, and opens the account page. */
export async function signInHere(tenant: string | undefined, ...[path, proof]: Parameters<PostSignIn>): Promise<void> {
  const session = openSession(tenant);
  try {
    await createOwnSignIn(session, ownFetch, location.origin)(path, proof);
  } finally {
    session.close();
  }
  location.replace(pageUrl(pagePaths.account, tenant));
}

/**
 * Makes the account of an invitation, signs in, and opens the account page. False: the account is made, and the user who is
 * signed in in this browser stays signed in.
 */
export async function acceptInvitationHere(
  tenant: string | undefined,
  proof: Parameters<PostSignIn>[1],
): Promise<boolean> {
  const session = openSession(tenant);
  try {
    if (isSignedIn(await session.connect())) {
      const { request } = await prepareSignIn(session);
      const { requestJson } = createJsonClient(withoutCredentials(ownFetch), location.origin);
      await requestJson(paths.invitationsAccept, jsonInit('POST', { ...proof, ...request }));
      return false;
    }
  } finally {
    session.close();
  }
  await signInHere(tenant, paths.invitationsAccept, proof);
  return true;
}

/** Confirms the caller's new address. False: no user of this tenant is signed in in this browser. */
export async function confirmEmailChange(tenant: string | undefined, secret: string): Promise<boolean> {
  const session = openSession(tenant);
  try {
    if (!isSignedIn(await session.connect())) return false;
    await getAccount(session).verifyEmailChange({ secret });
    return true;
  } finally {
    session.close();
  }
}

function openSession(tenant: string | undefined): Session {
  return createSession({ url: location.origin, ...(tenant === undefined ? {} : { tenant }) });
}
