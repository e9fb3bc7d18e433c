import { z } from 'zod';
import type { Health, Readiness } from '../../ops/health.ts';

export const liveResponse = z.object({ status: z.literal('live') });

export const readyResponse = z.object({
  status: z.enum(['ready', 'not_ready', 'recovering']),
  checks: z.record(z.string(), z.enum(['ok', 'failing'])),
});

export const readyStatus = {
  answers: { 200: readyResponse, 503: readyResponse },
  choose: ({ status }: z.output<typeof readyResponse>) => (status === 'ready' ? 200 : 503),
};

export const getLiveness = () => ({ status: 'live' as const });

export const getReadiness = (health: Health) => async () => {
  const { ready, isRecovering, checks } = await health.ready();
  const shown = Object.entries(checks).map(([name, ok]) => [name, ok ? 'ok' : 'failing'] as const);
  return {
    status: statusOf({ ready, isRecovering }),
    checks: Object.fromEntries(shown) as Record<string, 'ok' | 'failing'>,
  };
};

function statusOf({ ready, isRecovering }: Pick<Readiness, 'ready' | 'isRecovering'>) {
  if (ready) return 'ready' as const;
  return isRecovering ? ('recovering' as const) : ('not_ready' as const);
}
