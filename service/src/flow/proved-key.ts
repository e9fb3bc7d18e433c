import { Failure, fail, proofNames } from '@latchkey/contract';
import type { ExchangeRequest, Peer, ProofTarget } from '@latchkey/sdk-server';
import { explained } from './explained.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';

/** Of a proof that was made for another URL than those of this service. On sockets, sdk-server reports it. */
export const otherUrl = { proof_of_other_url: 'proof_url_differs' } as const;

/** Where a proof was shown: what it has to name. */
export type ProofPlace = Pick<ProofTarget, 'htm' | 'htu' | 'needsNonce'>;

/** A request of this service's HTTP API. */
export interface Endpoint {
  readonly method: string;
  /** As it came, with its query. */
  readonly path: string;
}

/** A socket whose server the browser opened under one of these origins. */
export const socketAt = (origins: readonly string[]): ProofPlace => ({ htm: proofNames.socketMethod, htu: origins });

/** An endpoint of this service's own HTTP API. */
export function endpointAt({ config }: Pick<FlowNeeds, 'config'>, { method, path }: Endpoint): ProofPlace {
  // Anything but a path (`*`, a whole URL) could change what stands before it.
  const origins = path.startsWith('/') ? config.ownOrigins : [];
  return { htm: method, htu: origins.map((origin) => origin + path) };
}

/** Whose credential was shown, as far as it is known. */
interface Shown {
  readonly sid: string;
  readonly userId?: string | null | undefined;
  readonly tenantId?: string | null | undefined;
}

/**
 * Thumbprint of the key whose proof came with a good credential; `null` when none came (RFC 9449).
 *
 * @throws proof_invalid · use_dpop_nonce
 */
export async function provedKey(
  needs: FlowNeeds,
  { proof, credential, peer }: ExchangeRequest,
  place: ProofPlace,
  shown: Shown,
): Promise<string | null> {
  if (proof === undefined) return null;
  const isSocket = place.htm === proofNames.socketMethod;
  const target = isSocket ? { ...place, credential, connectionId: peer.connectionId } : place;
  const check = () =>
    needs.proofs.check(proof, target).catch(async (error: unknown) => {
      throw error instanceof Failure && error.code === 'proof_invalid'
        ? await refuseProof(needs, shown, error.code, peer, error)
        : error;
    });
  return isSocket ? check() : explained(needs, otherUrl, check);
}

const unbound = { detail: undefined, reason: undefined };

/** The failure of a good credential without a proof by its key: perhaps a copy. Nothing changes, the audit keeps it. */
export async function refuseProof(
  { audit, limits, db, onError }: FlowNeeds,
  shown: Shown,
  code: 'proof_required' | 'proof_invalid',
  peer: Peer,
  { detail = 'by another key, or none', reason }: Pick<Failure, 'detail' | 'reason'> = unbound,
): Promise<Failure> {
  if (!limits.auditedRefusals.takeOfSession(shown.sid)) return fail(code, { detail, reason });
  const entry = { ...shown, addressPrefix: addressPrefix(peer.address), detail: { code, proof: detail } };
  await audit.record(db, { action: 'proof_refused', ...entry }).catch(onError);
  return fail(code, { detail, reason });
}
