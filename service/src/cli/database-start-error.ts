import { isReadOnlyServer } from '@latchkey/contract';
import { findConnectionReason } from './connection-error.ts';

/** SQLSTATE, and what it says about the database. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^28/, 'it refuses the user or the password'],
  [/^3D000$/, 'it has no database of that name'],
  [/^42501$/, 'its user lacks a privilege that the service needs'],
  [/^53300$/, 'it takes no more connections'],
  [/^57P03$/, 'it is starting up or shutting down'],
];
const texts: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, 'it does not offer TLS, which the URL asks for'],
  [/cannot be read/, 'it sent what is no PostgreSQL, or asks for an authentication that is not supported'],
  [/timeout|Connection terminated/i, 'it does not answer'],
  [/SASL|password must be a string/, 'it asks for a password that the URL does not hold'],
];

/** Of a Unix socket, ENOENT comes from `connect`; of a file, it says nothing about the database. */
const isMissingFile = ({ code, syscall }: NodeJS.ErrnoException) => code === 'ENOENT' && syscall !== 'connect';

/**
 * The sentence for an error that PostgreSQL or its connection caused at the start; `undefined` for any other. It holds no
 * text of the error, which may quote the URL.
 *
 * @example
 * describeDatabaseError(error); // 'DATABASE_URL: the database cannot be used, because nothing listens at its address (ECONNREFUSED).'
 */
export function describeDatabaseError(error: unknown): string | undefined {
  if (!(error instanceof Error) || isMissingFile(error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = isReadOnlyServer(error) ? 'it takes no writes' : findReason(code, error.message);
  if (reason === undefined) return describeDatabaseError(error.cause);
  return `DATABASE_URL: the database cannot be used, because ${reason}${code === '' ? '' : ` (${code})`}.`;
}

function findReason(code: string, message: string): string | undefined {
  const [, reason] = reasons.find(([codes]) => codes.test(code)) ?? [];
  return reason ?? findConnectionReason(code) ?? texts.find(([text]) => text.test(message))?.[1];
}
