import type { Prover } from '../proof/prover.ts';
import { isBound } from '../tokens/token.ts';

/** The parts of a request that a proof covers. */
interface CredentialRequest {
  readonly method: string;
  readonly url: string;
  /** The access token. Absent at the token endpoint, where the proof alone is checked. */
  readonly token?: string | undefined;
  /** True if the request can be sent a second time. */
  readonly mayRepeat: boolean;
}

function headersOf(token: string | undefined, proof: string | undefined): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `${proof === undefined ? 'Bearer' : 'DPoP'} ${token}` }),
    ...(proof === undefined ? {} : { dpop: proof }),
  };
}

/**
 * Calls `send` with the headers of the credential: `Bearer` (RFC 6750), or `DPoP` with a proof (RFC 9449 §7.1) for a bound token.
 * Calls it a second time when the answer requires a nonce in the proof. Resolves with the last response.
 */
export function sendCredential(
  prover: Pick<Prover, 'send'> | undefined,
  { token, ...request }: CredentialRequest,
  send: (headers: Record<string, string>) => Promise<Response>,
): Promise<Response> {
  if (prover === undefined || (token !== undefined && !isBound(token))) return send(headersOf(token, undefined));
  return prover.send({ ...request, credential: token }, (proof) => send(headersOf(token, proof)));
}
