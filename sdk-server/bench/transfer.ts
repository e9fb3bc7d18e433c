import { z } from 'zod';

/** The one call of both servers: what comes in, and what goes out. */
export const transferInput = z.object({ from: z.uuid(), to: z.uuid(), cents: z.int().positive(), note: z.string() });

export type Transfer = z.output<typeof transferInput>;

export function transfer({ from, cents }: Transfer) {
  return { account: from, balance_cents: 1_000_000 - cents };
}
