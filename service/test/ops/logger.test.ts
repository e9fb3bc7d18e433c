import { fail } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { createLogger, type LoggerOptions } from '../../src/ops/logger.ts';

const jwt = 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImNvZGUrand0In0.eyJzaWQiOiIxIn0.c2lnbmF0dXJl';
const secret = 'Zx9-unmistakable';

function open(level: LoggerOptions['level'] = 'trace', more: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    level,
    clock: { ...createSystemClock(), now: () => 0 },
    destination: { write: (line) => void lines.push(line) },
    ...more,
  });
  return { log, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1)!) as Record<string, never> };
}

describe('createLogger', () => {
  it('writes one JSON object a line', () => {
    const { log, last } = open();
    log.info({ port: 4_000 }, 'listening');
    expect(last()).eql({ level: 'info', time: '1970-01-01T00:00:00.000Z', port: 4_000, msg: 'listening' });
  });

  it('writes the start of the server id as node into each line', () => {
    const { log, last } = open('info', { serverId: '5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11' });
    log.info({}, 'listening');
    expect(last()).to.include({ node: '5f1e2b6e' });
  });

  it('writes nothing below its level', () => {
    const { log, text } = open('warn');
    log.info({}, 'no');
    log.warn({}, 'yes');
    expect(text()).include('yes').and.not.include('"no"');
  });

  it('masks secrets by name, at any depth, level and spelling', () => {
    const names = [
      'password',
      'newPassword',
      'code',
      'code_verifier',
      'token',
      'access_token',
      'refreshToken',
      'key',
      'keys',
    ];
    names.push(
      'rotation_key',
      'also_rotation_keys',
      'proof',
      'DPoP',
      'Authorization',
      'set-cookie',
      'secret',
      'privateKey',
      'databaseUrl',
    );
    const { log, text } = open();
    for (const name of names)
      for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)
        log[level]({ [name]: secret, a: { b: [{ [name]: [secret] }] } }, 'x');
    expect(text()).not.include(secret);
  });

  it('masks a credential anywhere in a line', () => {
    const { log, text } = open();
    const telling = [
      jwt,
      `got ${jwt}!`,
      `Bearer ${secret}`,
      `https://a.test/#code=${secret}&state=s`,
      `postgres://u:${secret}@h/db`,
      `postgres://u:half@${secret}@h/db`,
    ];
    for (const value of telling) {
      log.error({ note: value }, value);
      log.error({ err: new Error(value, { cause: new Error(value) }) }, 'x');
    }
    expect(text()).not.include(jwt).and.not.include(secret);
  });

  it('keeps the codes of errors', () => {
    const { log, text } = open();
    for (const code of ['token_reused', '23505', 'ECONNREFUSED', 'ERR_HTTP_REQUEST_TIMEOUT']) log.warn({ code }, 'x');
    expect(text()).include('token_reused').and.include('23505').and.include('ECONNREFUSED').and.not.include('redacted');
  });

  it('logs errors without the input of clients', () => {
    const { log, text, last } = open();
    const zod = z.strictObject({ a: z.string() }).safeParse({ [secret]: secret }).error;
    const taken = Object.assign(new Error(`bad value "${secret}"`), {
      code: '23505',
      detail: `Key (x)=(${secret})`,
      table: 'users',
    });
    for (const cause of [zod, syntaxError(), taken, new AggregateError([taken, syntaxError()])])
      log.error({ err: fail('internal_error', { cause, detail: 'where it was' }) }, 'x');
    expect(text()).not.include(secret);
    log.error({ err: fail('internal_error', { cause: taken, detail: 'where it was' }) }, 'x');
    expect(last().err).include({ code: 'internal_error', detail: 'where it was' });
    expect(last()).nested.include({ 'err.cause.code': '23505', 'err.cause.table': 'users' });
    expect(last())
      .nested.property('err.stack')
      .match(/logger\.test/);
  });

  it('logs any value without an error', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const { log } = open();
    log.info(circle, 'x');
    log.info({ a: 1n, b: Symbol('s'), c: () => 1, d: Buffer.from(secret), e: new Map(), f: undefined, err: 5 }, 'x');
    fc.assert(
      fc.property(fc.object({ withNullPrototype: true, withBigInt: true }), (fields) => log.info(fields, 'x')),
      { numRuns: 200 },
    );
  });

  it('writes no line break inside a line', () => {
    const { log, text } = open();
    log.info({ agent: 'a\n{"level":"fatal"}' }, 'b\r\nc');
    expect(text().trimEnd().split('\n')).length(1);
  });
});

/** JSON.parse repeats the text that it could not read. */
function syntaxError(): unknown {
  try {
    return JSON.parse(secret);
  } catch (error) {
    return error;
  }
}
