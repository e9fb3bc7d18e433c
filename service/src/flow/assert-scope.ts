import type { BackendScope } from '@latchkey/contract';
import type { Backend } from '../domain/backend/backend.ts';
import type { FlowContext } from './context.ts';

/** @throws forbidden the backend lacks the scope */
export function assertScope(
  { causes }: Pick<FlowContext, 'causes'>,
  { id, scopes }: Backend,
  scope: BackendScope,
): void {
  if (scopes.includes(scope)) return;
  const message = `This backend lacks the scope ${scope}.`;
  throw causes.failure('backend_scope_missing', 'forbidden', { message }, { backend: id, scope });
}
