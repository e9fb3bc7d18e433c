import { fail } from '@latchkey/contract';
import type { Backend } from '../domain/backend/backend.ts';
import type { FlowContext } from './context.ts';
import type { ClientCredential } from './types.ts';

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
export async function authenticateBackend(
  context: Pick<FlowContext, 'backends' | 'causes' | 'db'>,
  { id, secret }: ClientCredential,
): Promise<Backend> {
  const result = await context.backends.authenticate(context.db, id, secret);
  if (typeof result !== 'string') return result;
  context.causes.report(causes[result], { backend: id.slice(0, 63), reason: result });
  throw fail('unauthenticated', { message: 'The backend id or its secret is wrong.' });
}
