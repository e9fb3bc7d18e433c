import { fail } from '@latchkey/contract';
import { answerProof, type RequestProof } from '../domain/secret/request-proof.ts';
import type { FlowContext } from './context.ts';

/**
 * Answers a challenge of a caller that has a secret of the service. Asks no database.
 *
 * @throws unauthenticated the caller has none of the secrets of this node
 */
export async function answerProbe(
  { secrets }: Pick<FlowContext, 'secrets'>,
  proof: RequestProof,
): Promise<{ readonly answer: string }> {
  const answer = answerProof(secrets.keys('request-probe'), proof);
  if (answer === undefined)
    throw fail('unauthenticated', { detail: 'the proof was made with another LATCHKEY_SECRET' });
  return { answer };
}
