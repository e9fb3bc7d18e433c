import { Failure, isErrorCode } from '@latchkey/contract';
import { masked, maskSecrets } from '@latchkey/core/internal';

const maxDepth = 8;
const maxListLength = 100;
const maxTextLength = 4_096;

/** Names of fields that hold a credential, in lower case, without separators and a plural s. */
const secretNames = new Set(
  `password passwd pwd currentpassword newpassword current next
  code codeverifier verifier codechallenge challenge
  token accesstoken refreshtoken sessiontoken idtoken jwt credential
  key rotationkey alsorotationkey proof dpop
  authorization proxyauthorization cookie setcookie auth body
  operatorinvite invite
  secret backendsecret clientsecret privatekey secretkey databaseurl connectionstring`.split(/\s+/),
);

/** A copy for a log line: fields with a secret's name are masked at any depth, errors lose input of clients. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskSecrets(value.slice(0, maxTextLength));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (depth >= maxDepth) return '[deep]';
  if (value instanceof Error) return errorFields(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (Array.isArray(value)) return value.slice(0, maxListLength).map((item) => redact(item, depth + 1));
  return redactFields(value, depth);
}

function redactFields(value: object, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const clean = isSecret(name, field) ? masked : redact(field, depth + 1);
    // A plain assignment to `__proto__` would set the prototype instead of a field.
    Object.defineProperty(fields, name, { value: clean, enumerable: true, configurable: true, writable: true });
  }
  return fields;
}

function isSecret(name: string, value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return false;
  const bare = name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  if (!secretNames.has(bare) && !secretNames.has(bare.replace(/s$/, ''))) return false;
  return !(bare === 'code' && isPublicCode(value));
}

/** `code` names an error as well as a credential: the table's, SQLSTATE, errno and Node's own are no secret. */
function isPublicCode(value: unknown): boolean {
  return (
    isErrorCode(value) || (typeof value === 'string' && /^([0-9A-Z]{5}|[A-Z]+(_[A-Z0-9]+)+|E[A-Z0-9]+)$/.test(value))
  );
}

/** Fields of an error that programs set, and that never contain data of a request. */
const publicFields = ['code', 'errno', 'syscall', 'severity', 'constraint', 'table', 'column', 'routine', 'detail'];

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const quotes = quotesInput(error);
  const fields: Record<string, unknown> = {
    type: error.name,
    message: quotes ? masked : maskSecrets(error.message.slice(0, maxTextLength)),
    stack: maskSecrets(frames(error)),
  };
  for (const name of error instanceof Failure ? ['code', 'detail'] : publicFields) {
    const value = (error as unknown as Record<string, unknown>)[name];
    // PostgreSQL's `detail` repeats the row.
    if (typeof value === 'string' && (name !== 'detail' || error instanceof Failure)) fields[name] = maskSecrets(value);
  }
  if (error instanceof AggregateError) fields.errors = redact(error.errors, depth + 1);
  if (error.cause !== undefined) fields.cause = redact(error.cause, depth + 1);
  return fields;
}

/** JSON.parse repeats the text that it could not read, PostgreSQL the value that it could not cast, zod the keys. */
function quotesInput(error: Error): boolean {
  if (error instanceof SyntaxError || error.name === 'ZodError' || error.name === '$ZodError') return true;
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$/.test(code);
}

/** The call stack without the message on top of it. */
function frames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .join('\n');
}
