import { pagePaths, paths } from '@latchkey/contract';
import { isSignedIn } from '@latchkey/sdk-browser';
import { getAccount } from '@latchkey/sdk-browser/account';
import { openPageSession } from '../open-page-session.ts';
import { createJsonClient, jsonInit, withoutCredentials } from '../platform/json-client.ts';
import { ownFetch } from '../platform/own-fetch.ts';
import { createOwnSignIn } from '../sign-in/own-sign-in.ts';
import type { PostSignIn } from '../sign-in/post-sign-in.ts';
import { pageUrl } from '../tenant.ts';

/** Signs in on the pages of a tenant, and opens the account page. */
export async function signInHere(tenant: string | undefined, ...[path, proof]: Parameters<PostSignIn>): Promise<void> {
  const opened = openPageSession(tenant);
  try {
    await createOwnSignIn(async () => opened, ownFetch, location.origin)(path, proof);
  } finally {
    opened.session.close();
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
  const { session, prepareSignIn } = openPageSession(tenant);
  try {
    if (isSignedIn(await session.connect())) {
      const { request } = await prepareSignIn();
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
  const { session } = openPageSession(tenant);
  try {
    if (!isSignedIn(await session.connect())) return false;
    await getAccount(session).verifyEmailChange({ secret });
    return true;
  } finally {
    session.close();
  }
}
