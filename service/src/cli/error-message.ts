import { Failure } from '@latchkey/contract';
import { errorText, maskSecrets, thrownText } from '@latchkey/core/internal';
import { ConfigError } from '../config/env.ts';
import { DatabaseDamagedError, DataDirInUseError, DataDirUnusableError } from '../db/data-dir-error.ts';
import { CommandFailure } from './command-context.ts';
import { describeDatabaseError } from './database-start-error.ts';
import { DrillError } from './drill/drill-error.ts';

/** Errors whose message says what to change. */
const explained = [
  CommandFailure,
  ConfigError,
  DatabaseDamagedError,
  DataDirInUseError,
  DataDirUnusableError,
  DrillError,
];

/** The sentence of a failure, with the wrong fields of the input. Who runs a command can set what mail lacks. */
export function describeFailure(failure: Failure): string {
  const { code, detail, details = [] } = failure;
  const message = code === 'mail_unavailable' && detail !== undefined ? toSentence(detail) : failure.message;
  return [message, ...details.map(({ path, message: what }) => (path === '' ? what : `${path}: ${what}`))].join(' ');
}

const toSentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** The sentence of a failure, and why the service is unavailable, for who may read its log as well. */
export function describeWithReason(failure: Failure): string {
  const { code, detail, cause } = failure;
  const reason = detail ?? (cause === undefined ? undefined : errorText(cause));
  const sentence = describeFailure(failure);
  return code !== 'unavailable' || reason === undefined ? sentence : `${sentence} (${maskSecrets(reason)})`;
}

/**
 * What a command prints for an error. A mistake of the operator is one sentence. Any other error is a defect, and shows
 * where it was thrown.
 */
export function toErrorMessage(error: unknown): string {
  if (explained.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof Failure && error.code !== 'unavailable') return describeFailure(error);
  const ofDatabase = describeDatabaseError(error);
  if (ofDatabase !== undefined) return ofDatabase;
  if (error instanceof Failure) return describeWithReason(error);
  return maskSecrets(error instanceof Error ? (error.stack ?? error.message) : thrownText(error));
}
