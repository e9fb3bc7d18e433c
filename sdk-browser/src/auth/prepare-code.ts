import type { LoginBody, SessionUser } from '@latchkey/contract';
import { fail } from '../platform/fail.ts';
import type { Prover } from '../proof/prover.ts';
import type { PendingCode } from '../tokens/code-exchange.ts';
import { createRotationKey } from '../tokens/rotation-keys.ts';
import { createPkce } from './pkce.ts';

/** Runs one sign-in at a time. A call with the same `what` shares the promise; another one rejects with `busy`. */
export type RunSignIn = (what: string, signIn: () => Promise<SessionUser>) => Promise<SessionUser>;

/** What a sign-in needs to get a code and to redeem it. */
export interface CodeDeps {
  readonly prover: Pick<Prover, 'ensureKey'> | undefined;
  /** Redeems a code on the socket. Rejects with `unavailable` after `timeoutMs`. */
  exchangeCode(pending: PendingCode, timeoutMs: number): Promise<SessionUser>;
}

/** Members that the request for a code needs. */
export type CodeRequest = Pick<LoginBody, 'code_challenge' | 'code_challenge_method' | 'dpop_jkt'>;

/** A sign-in whose code is requested next. */
export interface PreparedCode {
  readonly request: CodeRequest;
  /** Redeems the code of the answer. Resolves after the token is stored. Rejects with `internal_error` if there is no code. */
  redeem(answer: { readonly code?: unknown; readonly expires_in: number }): Promise<SessionUser>;
}

/** How long after its expiry a code may be presented again, because an answer was lost. */
const codeGraceMs = 30_000;

/** Creates the secrets of a sign-in. They stay in memory. JSON leaves `dpop_jkt` out if it is undefined. */
export async function prepareCode({ prover, exchangeCode }: CodeDeps): Promise<PreparedCode> {
  const { verifier, challenge } = await createPkce();
  const thumbprint = await prover?.ensureKey();
  const secrets = { code_verifier: verifier, rotation_key: createRotationKey() };
  return {
    request: { code_challenge: challenge, code_challenge_method: 'S256', dpop_jkt: thumbprint },
    async redeem({ code, expires_in }) {
      if (typeof code !== 'string') throw fail('internal_error', { detail: 'The response has no code.' });
      return exchangeCode({ code, ...secrets }, expires_in * 1000 + codeGraceMs);
    },
  };
}
