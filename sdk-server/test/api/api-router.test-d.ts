import { z } from 'zod';
import type { ApiCallOptions, ApiOf, ApiRouter } from '../../src/index.ts';

// Checked by the compiler, never run: each expected error is an error, or this file is one.

declare const router: ApiRouter<Record<never, never>, { write(row: string): void }>;

const api = router
  .on('list', { input: z.object({ page: z.coerce.number<string>() }) }, ({ page }) => [page])
  .on('rename', { input: z.object({ name: z.string() }), output: z.object({ ok: z.boolean() }) }, async (params) => ({
    ok: params.name !== '',
  }))
  .on('touch', function (params: { id: number }) {
    this.log.warn({ id: params.id }, this.userId);
  });

type Bank = ApiOf<typeof api>;

const list: Bank['list'] = { params: { page: '1' }, result: [1] };
const rename: Bank['rename'] = { params: { name: 'x' }, result: { ok: true } };
const touch: Bank['touch'] = { params: { id: 1 }, result: null };
const key: ApiCallOptions = { idempotency_key: 'k' };

// @ts-expect-error params go out as the schema's input, a string here
const wrongInput: Bank['list']['params'] = { page: 1 };
// @ts-expect-error the handler answers numbers
const wrongResult: Bank['list']['result'] = ['1'];
// @ts-expect-error a handler without answer is null on the wire
const wrongNothing: Bank['touch']['result'] = undefined;
// @ts-expect-error there is no such call
type Unknown = Bank['remove'];
// @ts-expect-error the key is called otherwise
const wrongKey: ApiCallOptions = { idempotencyKey: 'k' };

// @ts-expect-error the answer does not fit the output schema
router.on('bad', { input: z.object({}), output: z.object({ ok: z.boolean() }) }, () => ({ ok: 'yes' }));
// @ts-expect-error the params have no such field
router.on('bad', { input: z.object({ page: z.number() }) }, (params) => params.size);
// @ts-expect-error no such option
router.on('bad', { input: z.object({}), transaction: true }, () => 1);
// @ts-expect-error an input schema is no plain object
router.on('bad', { input: { page: 'number' } }, () => 1);
router.on('good', { input: z.object({}), transactional: true }, function () {
  this.getTransaction().write('row');
  // @ts-expect-error the transaction has no such method
  this.getTransaction().erase('row');
});

export type { Unknown };
export { key, list, rename, touch, wrongInput, wrongKey, wrongNothing, wrongResult };
