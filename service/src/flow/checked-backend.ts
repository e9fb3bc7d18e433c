import { type BackendScope, fail } from '@latchkey/contract';
import type { Backend } from '../domain/backend/backend.ts';
import type { FlowNeeds } from './needs.ts';
import type { BackendCredential } from './types.ts';

const causes = {
  unknown: 'backend_unknown',
  disabled: 'backend_unknown',
  wrong_secret: 'backend_secret_wrong',
} as const;

/**
 * The backend of this id and secret. The caller gets one refusal for all reasons. The log has the reason.
 *
 * @throws unauthenticated
 */
export async function checkedBackend(needs: FlowNeeds, { id, secret }: BackendCredential): Promise<Backend> {
  const verdict = await needs.backends.check(needs.db, id, secret);
  if (typeof verdict !== 'string') return verdict;
  needs.causes.report(causes[verdict], { backend: id.slice(0, 63), reason: verdict });
  throw fail('unauthenticated', { message: 'The backend id or its secret is wrong.' });
}

/** @throws forbidden */
export function assertScope({ causes }: Pick<FlowNeeds, 'causes'>, { id, scopes }: Backend, scope: BackendScope): void {
  if (scopes.includes(scope)) return;
  const message = `This backend lacks the scope ${scope}.`;
  throw causes.failure('backend_scope_missing', 'forbidden', { message }, { backend: id, scope });
}
