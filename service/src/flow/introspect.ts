import type { Introspection } from '@latchkey/contract';
import { assertScope } from './assert-scope.ts';
import { authenticateBackend } from './authenticate-backend.ts';
import { type IntrospectionContext, introspect as introspectFor } from './backend/introspect.ts';
import type { FlowContext } from './context.ts';
import type { ClientCredential } from './types.ts';

/**
 * RFC 7662, for a backend by its secret. Wrong secrets are not counted: 32 random bytes cannot be guessed, and a count
 * would let an attacker, or a replica with an old secret, lock other replicas out.
 *
 * @throws unauthenticated · forbidden without the scope `introspect`
 */
export async function introspect(
  context: Pick<FlowContext, 'backends' | 'causes' | 'db'> & IntrospectionContext,
  credential: ClientCredential,
  token: string,
): Promise<Introspection> {
  const backend = await authenticateBackend(context, credential);
  assertScope(context, backend, 'introspect');
  return introspectFor(context, backend, token);
}
