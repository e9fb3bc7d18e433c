import { z } from 'zod';

/** Input of the call that both servers have. */
export const transferInput = z.object({ from: z.uuid(), to: z.uuid(), cents: z.int().positive(), note: z.string() });

export type Transfer = z.output<typeof transferInput>;

export function transfer({ from, cents }: Transfer) {
  return { account: from, balance_cents: 1_000_000 - cents };
}
