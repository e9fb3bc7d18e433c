import type { IncomingMessage } from 'node:http';
import { fail } from '@latchkey/contract';
import { koaBody } from 'koa-body';
import { exactNumberRule, hasExactNumbers } from '../../base/exact-numbers.ts';
import { findRepeatedMembers, RepeatedMember, toRepeatedField } from '../../base/repeated-members.ts';
import type { Context } from '../context.ts';

/** Longest body of most routes, in bytes, after decompression. */
export const defaultBodyLimit = 65_536;

export type BodyFormat = 'json' | 'json or form';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

const parserOf = (limit: number) =>
  koaBody({
    jsonTypes: [json],
    urlencodedTypes: [form],
    text: false,
    multipart: false,
    patchNode: false,
    includeUnparsed: true,
    jsonLimit: limit,
    formLimit: limit,
    // Names stay as they are: no nesting by brackets or dots, no silent loss of names like `toString`.
    queryString: { allowDots: false, depth: 0, parameterLimit: 100, plainObjects: true },
    onError: (error) => {
      throw bodyFailure(error);
    },
  });

const parse = parserOf(defaultBodyLimit);

interface BodyOptions {
  readonly format: BodyFormat;
  /** Most bytes. */
  readonly limit?: number;
  /** Name of the list of a JSON body whose objects are judged one by one. */
  readonly list?: string | undefined;
}

/**
 * Reads the body. An absent one is `{}`. The content type is enforced because a browser sends other types without a
 * preflight. An object with a member twice is refused. In `list` it is a {@link RepeatedMember}.
 *
 * @throws unsupported_media_type, payload_too_large, invalid_request
 */
export async function readBody(
  ctx: Context,
  { format, limit = defaultBodyLimit, list }: BodyOptions,
): Promise<unknown> {
  if (isAbsent(ctx)) return {};
  const accepted = format === 'json' ? ctx.is(json) : ctx.is(json, form);
  if (!accepted) throw fail('unsupported_media_type', { message: mediaTypeMessage(format) });
  // A host's own parser may have been there first; what it has read cannot be read again.
  if (!ctx.req.readableDidRead) await (limit === defaultBodyLimit ? parse : parserOf(limit))(ctx, async () => {});
  const request = ctx.request as { body?: unknown; rawBody?: unknown };
  if (ctx.is(json) && typeof request.rawBody === 'string') judgeJson(request.rawBody, request.body, list);
  delete request.rawBody;
  return request.body;
}

/** @throws invalid_request the value is not what is written, by RFC 7493 */
function judgeJson(text: string, value: unknown, list: string | undefined): void {
  if (!hasExactNumbers(text)) throw fail('invalid_request', { message: exactNumberRule });
  for (const path of findRepeatedMembers(text)) {
    const [name, index, ...rest] = path;
    const isOfList = name === list && typeof index === 'number' && rest.length > 0;
    if (!isOfList) throw fail('invalid_request', { details: [toRepeatedField(path)] });
    const items = (value as Readonly<Record<string, unknown>>)[list!];
    if (Array.isArray(items) && !(items[index] instanceof RepeatedMember)) items[index] = new RepeatedMember(rest);
  }
}

/**
 * Refuses a request with a body, for routes that take none. A chunked one of no bytes, as proxies write it, is none.
 *
 * @throws invalid_request
 */
export async function assertNoBody(ctx: Context): Promise<void> {
  if (!isAbsent(ctx) && !(await isEmpty(ctx.req))) throw fail('invalid_request', { message: noBodyMessage });
}

const noBodyMessage = 'This request takes no body.';

async function isEmpty(req: IncomingMessage): Promise<boolean> {
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) {
      if (chunk.length === 0) continue;
      req.resume();
      return false;
    }
  } catch (error) {
    throw fail('invalid_request', { message: 'The body ended early.', cause: error });
  }
  return true;
}

function isAbsent({ req }: Context): boolean {
  return req.headers['transfer-encoding'] === undefined && Number(req.headers['content-length'] ?? 0) === 0;
}

function mediaTypeMessage(format: BodyFormat): string | undefined {
  return format === 'json' ? undefined : 'The body has to be a form or JSON.';
}

/** No cause: the parser's errors repeat the body. */
function bodyFailure(error: Error): Error {
  const status = 'status' in error ? error.status : undefined;
  if (status === 413) return fail('payload_too_large');
  if (status === 415) return fail('unsupported_media_type', { message: 'This content encoding is not understood.' });
  return fail('invalid_request', { message: bodyErrorMessage(error) });
}

function bodyErrorMessage(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  if (/^(Z_|ERR_ZLIB|ERR_BROTLI|ERR__ERROR|ERR_PADDING)/.test(code)) return 'The body cannot be decompressed.';
  if (code === 'ECONNABORTED') return 'The body ended early.';
  return 'The body cannot be read.';
}
