import { type ErrorCode, Failure } from '@latchkey/contract';
import type { ServiceCause } from '../ops/causes.ts';
import type { FlowContext } from './context.ts';

/**
 * Reports the cause of each failure of `work` that only a change of the configuration ends, and gives the failure the
 * explanation as its `detail`.
 *
 * @param causes by the code or the `reason` of a failure
 * @example
 * await explainFailures(context, { rate_limited: 'registrations_limited' }, () => limits.registrations.guard(address, keep));
 */
export async function explainFailures<T>(
  context: Pick<FlowContext, 'causes'>,
  causes: { readonly [Why in ErrorCode | 'proof_of_other_url']?: ServiceCause },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { code, reason, detail } = error;
    const cause = causes[code] ?? (reason === 'proof_of_other_url' ? causes[reason] : undefined);
    if (cause === undefined) throw error;
    context.causes.report(cause, detail === undefined ? {} : { detail });
    const explanation = context.causes.explain(cause);
    throw error.with({ detail: detail === undefined ? explanation : `${explanation} (${detail})` });
  }
}
