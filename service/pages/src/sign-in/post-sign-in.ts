import { type CodeResponse, fail, type MailSentResponse, paths } from '@latchkey/contract';
import { createJsonClient, jsonInit, withoutCredentials } from '../platform/json-client.ts';

const signInPaths = [
  paths.login,
  paths.register,
  paths.loginEmailVerify,
  paths.emailVerify,
  paths.invitationsAccept,
] as const;
type SignInPath = (typeof signInPaths)[number];
type Proof = Readonly<Record<string, unknown>>;

/**
 * Posts the credentials, and completes the sign-in with the code of the answer. Resolves with `mail_sent` where the
 * service sent a mail in place of a code: its address has to be verified first.
 */
export type PostSignIn = (path: SignInPath, proof: Proof) => Promise<'signed_in' | 'mail_sent'>;

/** What a sign-in adds to the request, and what it does with the code of the answer. */
interface SignInCompletion {
  readonly request: object;
  complete(answer: CodeResponse): Promise<void> | void;
}

export function createPostSignIn(
  fetch: typeof globalThis.fetch,
  origin: string,
  prepare: () => Promise<SignInCompletion> | SignInCompletion,
): PostSignIn {
  const { requestJson } = createJsonClient(withoutCredentials(fetch), origin);
  return async (path, proof) => {
    const { request, complete } = await prepare();
    const body = { ...proof, ...request };
    const answer = await requestJson<CodeResponse | MailSentResponse>(path, jsonInit('POST', body));
    if (!('code' in answer || 'url' in answer)) return 'mail_sent';
    await complete(answer);
    return 'signed_in';
  };
}

export const noCode = () => fail('internal_error', { detail: 'The answer holds no code.' });
