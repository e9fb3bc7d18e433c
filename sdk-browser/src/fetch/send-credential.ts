import type { Prover } from '../proof/prover.ts';
import { isBound } from '../storage/token.ts';

/** One request, as far as a proof speaks of it. */
interface CredentialRequest {
  readonly method: string;
  readonly url: string;
  /** The access token; none at the token endpoint, where only the session's key counts. */
  readonly token?: string | undefined;
  readonly mayRepeat: boolean;
}

function headersOf(token: string | undefined, proof: string | undefined): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `${proof === undefined ? 'Bearer' : 'DPoP'} ${token}` }),
    ...(proof === undefined ? {} : { dpop: proof }),
  };
}

/**
 * Calls `attempt` with the headers of the credential: `Bearer` (RFC 6750), or `DPoP` with a proof (RFC 9449 §7.1) for a
 * bound token. Twice at most, when the answer wants its nonce in the proof.
 */
export function sendCredential(
  prover: Pick<Prover, 'send'> | undefined,
  { token, ...request }: CredentialRequest,
  send: (headers: Record<string, string>) => Promise<Response>,
): Promise<Response> {
  if (prover === undefined || (token !== undefined && !isBound(token))) return send(headersOf(token, undefined));
  return prover.send({ ...request, credential: token }, (proof) => send(headersOf(token, proof)));
}
