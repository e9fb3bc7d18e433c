import { type ApiRouter, createApiRouter } from '@latchkey/sdk-server/api';
import { z } from 'zod';
import { getApi } from '../../src/api/index.ts';
import type { Session } from '../../src/index.ts';

// Checked by the compiler, never run: each expected error is an error, or this file is one.

declare const router: ApiRouter;
declare const session: Session;

const api = router
  .on('list', { input: z.object({ page: z.coerce.number<string>() }) }, ({ page }) => [page])
  .on('rename', { input: z.object({ name: z.string() }), output: z.object({ ok: z.boolean() }) }, async (params) => ({
    ok: params.name !== '',
  }))
  .on('touch', function (params: { id: number }) {
    this.log.warn({ id: params.id }, this.userId);
  })
  .on('now', () => 7)
  .on('seen', async () => ({ at: new Date() }));

const bank = getApi<typeof api>(session, 'api');

export async function right(): Promise<{ list: number[]; ok: boolean; touch: null; now: number; seen: string }> {
  const list = await bank.call('list', { page: '1' }, { timeoutMs: 5, idempotencyKey: 'k', queue: true });
  const { ok } = await bank.call('rename', { name: 'x' });
  const touch = await bank.call('touch', { id: 1 });
  const now = await bank.call('now');
  const { at: seen } = await bank.call('seen');
  bank.on<{ id: number }>('balance', ({ id }) => id.toFixed())();
  bank.on('seen', (at: string) => at.length)();
  return { list, ok, touch, now, seen };
}

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such call
  await bank.call('remove', {});
  // @ts-expect-error params go out as the schema's input, a string here
  await bank.call('list', { page: 1 });
  // @ts-expect-error the params are needed
  await bank.call('list');
  // @ts-expect-error a field too many
  await bank.call('rename', { name: 'x', size: 1 });
  // @ts-expect-error the key is called otherwise here
  await bank.call('rename', { name: 'x' }, { idempotency_key: 'k' });
  // @ts-expect-error the handler answers numbers
  const list: string[] = await bank.call('list', { page: '1' });
  // @ts-expect-error a handler without answer is null on the wire
  const touch: undefined = await bank.call('touch', { id: 1 });
  // @ts-expect-error a Date arrives as a string
  (await bank.call('seen')).at.getTime();
  // @ts-expect-error a Date arrives as a string
  bank.on<{ at: Date }>('seen', ({ at }) => at.getTime());
  // @ts-expect-error no api at all
  getApi<string>(session, 'api');
  // @ts-expect-error nothing is known of the answers of an api without a type
  const any: number = await getApi(session, 'api').call('list', { page: 1 });
  return void [list, touch, any, createApiRouter];
}
