import { z } from 'zod';
import type { ApiCallOptions, ApiOf, ApiRouter } from '../../src/api/index.ts';

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

const input = z.object({});
const json = router
  .on('now', () => ({ at: new Date(), url: new URL('https://example.test'), file: Buffer.from(''), none: undefined }))
  .on('find', async (params: { id: number; file?: Uint8Array }) =>
    params.id > 0 ? [new Date(), undefined] : undefined,
  )
  .on('log', { input: z.object({ at: z.coerce.date<string>() }), output: z.object({ at: z.date() }) }, ({ at }) => ({
    at,
  }))
  .on('free', (): unknown => 1n);
type JsonCalls = ApiOf<typeof json>;
const now: JsonCalls['now']['result'] = { at: '', url: '', file: new ArrayBuffer(1), none: undefined };
const find: JsonCalls['find'] = { params: { id: 1, file: new Uint8Array(1) }, result: ['', null] };
const findNothing: JsonCalls['find']['result'] = null;
const log: JsonCalls['log'] = { params: { at: '' }, result: { at: '' } };
// @ts-expect-error JSON has no Date
const wrongTime: JsonCalls['now']['result']['at'] = new Date();
// @ts-expect-error the answer of a handler that returns undefined is null
const wrongFind: JsonCalls['find']['result'] = undefined;
// @ts-expect-error JSON loses a Map
router.on('bad', () => ({ seen: new Map<string, number>() }));
// @ts-expect-error JSON loses a Set
router.on('bad', { input }, async () => [new Set([1])]);
// @ts-expect-error JSON has no bigint
router.on('bad', { input }, () => 1n);
// @ts-expect-error JSON loses functions
router.on('bad', () => ({ run: () => 1 }));
// @ts-expect-error JSON has no bigint, so the output schema cannot make one
router.on('bad', { input, output: z.bigint() }, () => 1n);
// @ts-expect-error a Date arrives as a string
router.on('bad', (params: { at: Date }) => params.at.getTime());
// @ts-expect-error a Date arrives as a string, which z.date() refuses
router.on('bad', { input: z.object({ at: z.date() }) }, ({ at }) => at);
router.on('tell', function () {
  this.emit('now', { at: new Date() });
  this.broadcast('gone');
  // @ts-expect-error JSON loses a Map
  this.emit('seen', new Map<string, number>());
  // @ts-expect-error JSON has no bigint
  this.broadcastAll('sum', { sum: 1n }, { allTenants: true });
});

export type { Unknown };
export {
  find,
  findNothing,
  key,
  list,
  log,
  now,
  rename,
  touch,
  wrongFind,
  wrongInput,
  wrongKey,
  wrongNothing,
  wrongResult,
  wrongTime,
};
