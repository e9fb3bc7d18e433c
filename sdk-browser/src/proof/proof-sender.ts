import { challengeForRealm } from './challenge.ts';
import type { ProofUse } from './make-proof.ts';

/** A request that needs a proof. */
type ProofRequest = Omit<ProofUse, 'nonce'> & {
  /** True if the request can be sent a second time. */
  readonly mayRepeat: boolean;
};

/** Sends one request with the given proof, or without one if there is no key. */
type SendWithProof = (proof: string | undefined) => Promise<Response>;

/** True if the answer requires a nonce (RFC 9449 §8, §9). At the token endpoint the body has that error. */
async function wantsNonce(response: Response, isTokenEndpoint: boolean): Promise<boolean> {
  if (!isTokenEndpoint) return challengeForRealm(response)?.parameters.error === 'use_dpop_nonce';
  const body: unknown =
    response.status === 400
      ? await response
          .clone()
          .json()
          .catch(() => undefined)
      : undefined;
  return (body as { error?: unknown } | undefined)?.error === 'use_dpop_nonce';
}

/**
 * Creates a function that sends requests with their proofs and keeps the newest `DPoP-Nonce` of each origin. A request whose
 * answer requires a nonce is sent once more with it.
 */
export function createProofSender(prove: (use: ProofUse) => Promise<string | undefined>) {
  const nonces = new Map<string, string>();

  return async ({ mayRepeat, ...use }: ProofRequest, attempt: SendWithProof): Promise<Response> => {
    const { origin } = new URL(use.url);
    const send = async (nonce: string | undefined): Promise<Response> => {
      const response = await attempt(await prove({ ...use, nonce }));
      const fresh = response.headers.get('dpop-nonce');
      // A redirect may have led to another origin.
      if (fresh !== null) nonces.set(new URL(response.url || use.url).origin, fresh);
      return response;
    };
    const presented = nonces.get(origin);
    const first = await send(presented);
    const newest = nonces.get(origin);
    if (!mayRepeat || newest === presented || !(await wantsNonce(first, use.credential === undefined))) return first;
    await first.body?.cancel();
    return send(newest);
  };
}
