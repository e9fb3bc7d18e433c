import { describeOutcome, type Outcome, openBrowser } from './browser.ts';
import { type BrowserKey, createBrowserKey } from './browser-key.ts';
import { newRotationKey } from './client-secrets.ts';
import type { DrillContext } from './drill.ts';
import { DrillError } from './drill-error.ts';

/** A copy of a token of a session that is bound to a key of the browser: it is useless, and the user notices nothing. */
export async function useBoundCopy(context: DrillContext): Promise<void> {
  const { instance, done, expect } = context;
  const user = await instance.register();
  const [owner, thief] = [createBrowserKey(), createBrowserKey()];
  const { code, code_verifier } = await user.login(owner.thumbprint);
  const opened = await show(context, { code, code_verifier }, owner);
  if (opened.grant === undefined) throw new DrillError(`a sign-in with a proof is refused: ${opened.code}`);
  const { token } = opened.grant;
  done('a user signs in with a key of the browser; a thief copies the session token, and cannot copy the key');

  const bare = await show(context, { token });
  expect('the copy is refused without a proof', bare.grant === undefined, describeOutcome(bare));
  const forged = await show(context, { token }, thief);
  expect('the copy is refused with a proof by another key', forged.grant === undefined, describeOutcome(forged));
  const own = await show(context, { token }, owner);
  expect('the browser of the user stays signed in', own.grant !== undefined, describeOutcome(own));
}

interface Shown {
  readonly code?: string;
  readonly code_verifier?: string;
  readonly token?: string;
}

/** Shows a credential on a connection of its own, with a proof by this key. The answer is stored. */
async function show({ instance, issuer }: DrillContext, shown: Shown, key?: BrowserKey): Promise<Outcome> {
  const browser = await openBrowser(instance);
  const credential = shown.token ?? shown.code ?? '';
  const proof = key?.prove({ credential, origin: issuer, engineId: browser.engineId() });
  const outcome = await browser.present({
    ...shown,
    rotation_key: newRotationKey(),
    ...(proof === undefined ? {} : { proof }),
  });
  if (outcome.grant !== undefined) outcome.acknowledge();
  browser.close();
  return outcome;
}
