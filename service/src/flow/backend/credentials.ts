import type { Backend } from '../../domain/backend/backend.ts';
import { type AcceptedCredential, hashSecret } from '../../domain/backend/backends.ts';
import { authenticateBackend } from '../authenticate-backend.ts';
import type { FlowContext } from '../context.ts';
import type { ClientCredential } from '../types.ts';

/** The backend of a credential, and the credential as it is checked again later. @throws unauthenticated */
export async function acceptCredential(
  context: Pick<FlowContext, 'backends' | 'causes' | 'db'>,
  { id, secret }: ClientCredential,
): Promise<{ backend: Backend; credential: AcceptedCredential }> {
  const backend = await authenticateBackend(context, { id, secret });
  return { backend, credential: { id, secretHash: hashSecret(secret) } };
}

/** See {@link Backends.revalidate}. */
export async function revalidateCredentials(
  { backends, db }: Pick<FlowContext, 'backends' | 'db'>,
  credentials: readonly AcceptedCredential[],
): Promise<(Backend | undefined)[]> {
  return backends.revalidate(db, credentials);
}
