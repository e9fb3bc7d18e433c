import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import { assertScope } from '../assert-scope.ts';
import { authenticateBackend } from '../authenticate-backend.ts';
import type { FlowContext } from '../context.ts';
import type { Client, ClientCredential, PresentedAccessToken } from '../types.ts';
import { verifyPossession } from '../verify-possession.ts';
import { type Actor, assertOperator } from './actor.ts';

/** The credential of a request: an admin token, or a backend's id and secret. */
export type AdminCredential =
  | { readonly token: string; readonly presented: PresentedAccessToken }
  | { readonly backend: ClientCredential };

/**
 * Authorizes the caller by its rows. A removed flag or an ended session takes effect at once.
 *
 * @throws unauthenticated · forbidden · proof_required · proof_invalid · use_dpop_nonce
 */
export async function authorize(
  context: Pick<
    FlowContext,
    'backends' | 'causes' | 'config' | 'databaseClock' | 'db' | 'feed' | 'operators' | 'proofs' | 'tokens'
  >,
  credential: AdminCredential,
  { addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<Actor> {
  const from = { addressPrefix, deadline };
  if ('backend' in credential) return { ...(await authorizeBackend(context, credential.backend)), ...from };
  const claims = await context.tokens.readAdmin(credential.token);
  const { userId, sid } = await verifyPossession(context, credential.token, claims, credential.presented);
  await assertOperator(context, sid);
  return { userId, backendId: null, tenantId: null, scopes: null, ...from };
}

async function authorizeBackend(
  context: Pick<FlowContext, 'backends' | 'causes' | 'db'>,
  credential: ClientCredential,
) {
  const backend = await authenticateBackend(context, credential);
  assertScope(context, backend, 'admin');
  return { userId: null, backendId: backend.id, tenantId: backend.tenantId, scopes: backend.scopes };
}
