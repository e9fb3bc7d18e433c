import { Failure, fail, proofConstants } from '@latchkey/contract';
import type { ProofTarget } from '@latchkey/core';
import type { FlowContext } from './context.ts';
import { explainFailures } from './explain-failures.ts';
import type { Client, CredentialRequest, Endpoint } from './types.ts';

/** Of a proof that was made for another URL than those of this service. On sockets, sdk-server reports it. */
export const proofUrlCauses = { proof_of_other_url: 'proof_url_differs' } as const;

/** Where a proof was shown: what it has to name. */
export type ProofRequestTarget = Pick<ProofTarget, 'htm' | 'htu' | 'needsNonce'>;

/** A socket whose server the browser opened under one of these origins. */
export const socketTarget = (origins: readonly string[]): ProofRequestTarget => ({
  htm: proofConstants.socketMethod,
  htu: origins,
});

/** An endpoint of this service's own HTTP API. */
export function endpointTarget(
  { config }: Pick<FlowContext, 'config'>,
  { method, path }: Endpoint,
): ProofRequestTarget {
  // A target that is no path (`*`, a whole URL) could change the origin before it.
  const origins = path.startsWith('/') ? config.ownOrigins : [];
  return { htm: method, htu: origins.map((origin) => origin + path) };
}

/** Whose credential was shown, as far as it is known. */
interface CredentialOwner {
  readonly sid: string;
  readonly userId?: string | null | undefined;
  readonly tenantId?: string | null | undefined;
}

/**
 * Thumbprint of the key whose proof came with a good credential; `null` when none came (RFC 9449).
 *
 * @throws proof_invalid · use_dpop_nonce
 */
export async function verifyProof(
  context: Pick<FlowContext, 'audit' | 'causes' | 'db' | 'limits' | 'onError' | 'proofs'>,
  { proof, credential, peer }: CredentialRequest,
  requestTarget: ProofRequestTarget,
  owner: CredentialOwner,
): Promise<string | null> {
  if (proof === undefined) return null;
  const isSocket = requestTarget.htm === proofConstants.socketMethod;
  const target = isSocket ? { ...requestTarget, credential, connectionId: peer.connectionId } : requestTarget;
  const check = () =>
    context.proofs.check(proof, target).catch(async (error: unknown) => {
      throw error instanceof Failure && error.code === 'proof_invalid'
        ? await rejectProof(context, owner, error.code, peer, error)
        : error;
    });
  return isSocket ? check() : explainFailures(context, proofUrlCauses, check);
}

const unbound = { detail: undefined, reason: undefined };

/** The failure of a good credential without a proof by its key: perhaps a copy. Nothing changes, the audit keeps it. */
export async function rejectProof(
  { audit, limits, db, onError }: Pick<FlowContext, 'audit' | 'db' | 'limits' | 'onError'>,
  owner: CredentialOwner,
  code: 'proof_required' | 'proof_invalid',
  peer: Client,
  { detail = 'by another key, or none', reason }: Pick<Failure, 'detail' | 'reason'> = unbound,
): Promise<Failure> {
  if (!limits.auditedRefusals.takeOfSession(owner.sid)) return fail(code, { detail, reason });
  const entry = { ...owner, addressPrefix: peer.addressPrefix, detail: { code, proof: detail } };
  await audit.record(db, { action: 'proof_refused', ...entry }).catch(onError);
  return fail(code, { detail, reason });
}
