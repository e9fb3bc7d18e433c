import type { FlowContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';

/**
 * Counts a link or a code that was presented, by a limit of `limits.mailProofs`, and reports the cause of a refusal.
 *
 * @throws rate_limited too many from this network · what `take` throws
 * @example
 * await limitMailProof(context, (limits) => limits.take(peer.address));
 */
export function limitMailProof<T>(
  { causes, limits }: Pick<FlowContext, 'causes' | 'limits'>,
  take: (limits: FlowContext['limits']['mailProofs']) => Promise<T>,
): Promise<T> {
  return explainFailures({ causes }, { rate_limited: 'mail_proofs_limited' }, () => take(limits.mailProofs));
}
