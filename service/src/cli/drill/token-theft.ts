import { paths } from '@latchkey/contract';
import { useBoundCopy } from './bound-token-theft.ts';
import { describeOutcome, openBrowser, openSession, presentUntilFinal, type SignedIn } from './browser.ts';
import { newRotationKey } from './client-secrets.ts';
import type { Drill, DrillContext } from './drill.ts';
import type { Instance } from './instance.ts';
import { waitUntil } from './waiting.ts';

/** A session token is copied and used, after its owner and before. */
export const tokenTheft: Drill = {
  name: 'token-theft',
  description:
    'A copied session token is used after its owner has replaced it, before, and without the key that it is bound to.',
  async run(context) {
    await useAfterOwner(context);
    await useBeforeOwner(context);
    await useBoundCopy(context);
  },
};

async function useAfterOwner(context: DrillContext): Promise<void> {
  const { instance, done, expect } = context;
  const user = await instance.register();
  const owner = await openSession(instance, await user.login());
  const stolen = owner.grant.token;
  const next = await replaceToken(owner);
  done('a user signs in; a thief copies the session token; the browser of the user replaces it');

  const copy = await openBrowser(instance);
  const first = await copy.present({ token: stolen, rotation_key: newRotationKey() });
  expect('the copy gets no token', first.grant === undefined, describeOutcome(first));
  copy.close();

  // A tab of the same browser may have shown it: while that is possible, the service only refuses it.
  const plain = await presentUntilFinal(instance, { token: stolen });
  const isFound = [first.code, plain.code].includes('token_reused');
  expect('a copy that is shown by a client without rotation keys is found out', isFound, describeOutcome(plain));
  plain.browser.close();
  await expectEnded(context, { ...owner, grant: next }, 'token_reused');
  owner.browser.close();
}

async function useBeforeOwner(context: DrillContext): Promise<void> {
  const { instance, done, expect } = context;
  const user = await instance.register();
  const owner = await openSession(instance, await user.login());
  const stolen = owner.grant.token;
  owner.browser.close();
  const thief = await openSession(instance, { token: stolen });
  done('a user signs in and closes the page; a thief is the first to use a copy of the token, and gets the next one');

  const back = await presentUntilFinal(instance, { token: stolen, rotation_key: newRotationKey() });
  expect('the return of the user reveals the copy, within 20 s', back.code === 'token_reused', describeOutcome(back));
  back.browser.close();
  await expectEnded(context, thief, 'token_reused');
  thief.browser.close();
}

/** The next token, on the same connection. */
async function replaceToken({ browser, grant }: SignedIn): Promise<SignedIn['grant']> {
  const outcome = await browser.present({ token: grant.token, rotation_key: newRotationKey() });
  if (outcome.grant === undefined) throw new Error(`a rotation is refused: ${outcome.code}`);
  outcome.acknowledge();
  return outcome.grant;
}

/** The connection gets the reason, and both tokens are refused. */
export async function expectEnded(
  { instance, revocationMs, expect }: DrillContext,
  { browser, grant }: SignedIn,
  reason: string,
): Promise<void> {
  const found = await browser.loggedOut(revocationMs);
  expect(`the open connection of the session gets the reason ${reason}`, found === reason, found ?? 'none');
  const shown = await presentUntilFinal(instance, { token: grant.token, rotation_key: newRotationKey() });
  expect('the newest session token is refused', shown.grant === undefined, describeOutcome(shown));
  shown.browser.close();
  const isOver = await isRefused(instance, grant.access_token, revocationMs);
  expect(`the access token is refused within ${revocationMs / 1_000} s`, isOver);
}

/** Whether the access token is refused, at the latest after this time. */
export function isRefused(instance: Instance, accessToken: string, withinMs: number): Promise<boolean> {
  const check = async () => (await instance.request('GET', paths.me, { accessToken })).status === 401;
  return waitUntil(instance.clock, check, withinMs);
}
