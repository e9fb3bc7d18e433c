import type { Flows } from '../../flow/flows.ts';

/** An answer with the database's time as `now`. */
export async function timedAnswer<Answer extends object>(
  flows: Pick<Flows, 'now'>,
  answer: Promise<Answer>,
): Promise<Answer & { readonly now: number | undefined }> {
  return { ...(await answer), now: flows.now() };
}
