import type { ErrorCode } from '@latchkey/contract';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';

/** Claims of a proof whose signature is good, and whose key it is by. */
type Proof = JWTPayload & { readonly jkt: string };

export async function readProof(proof: string | undefined): Promise<Proof | undefined> {
  if (proof === undefined) return undefined;
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' });
  return { ...payload, jkt: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) };
}

/** Whether the proof is one for this use, by the key that is asked for. */
export function faultOf(proof: Proof | undefined, use: Readonly<Record<string, string>>) {
  return (jkt: string): ErrorCode | undefined => {
    if (proof === undefined) return 'proof_required';
    const fits = Object.entries({ ...use, jkt }).every(([name, value]) => proof[name] === value);
    return fits ? undefined : 'proof_invalid';
  };
}

/** An access token with the claims that a session reads from one. */
export function readableAccessToken({ sid, jkt }: { readonly sid: string; readonly jkt?: string | undefined }): string {
  const own = { iss: 'x', sub: 'u1', aud: 'x', exp: 1, iat: 1, jti: 'j', client_id: 'c', sid, tid: 't1', auth_time: 1 };
  const claims = { ...own, amr: ['pwd'], ...(jkt === undefined ? {} : { cnf: { jkt } }), name: 'Zoë' };
  return `access.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.1`;
}

export function boundAccessToken(sid: string, jkt: string, serial: number): string {
  return `access.${Buffer.from(JSON.stringify({ sid, cnf: { jkt } })).toString('base64url')}.${serial}`;
}
