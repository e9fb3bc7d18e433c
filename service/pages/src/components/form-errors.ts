import { type ErrorCode, Failure } from '@latchkey/contract';
import { errorMessage, fieldMessage } from '../messages.ts';

/** Which errors of the service are about one field. */
export interface FormErrorOptions {
  /** Errors that belong beside one field. */
  readonly fieldOfCode?: Partial<Record<ErrorCode, string>>;
  /** The names that the service gives its fields. */
  readonly fieldOfPath?: Readonly<Record<string, string>>;
  /** Messages in place of those of the contract, by code. */
  readonly messages?: Partial<Record<ErrorCode, string>>;
}

/** Messages beside their fields, or for the whole form. */
export interface FormErrors {
  readonly byField: Readonly<Record<string, string>>;
  readonly general?: string;
}

export function toFormErrors(
  error: unknown,
  { fieldOfCode = {}, fieldOfPath = {}, messages = {} }: FormErrorOptions,
): FormErrors {
  if (!(error instanceof Failure)) return { byField: {}, general: errorMessage(error) };
  const sentence = messages[error.code] ?? errorMessage(error);
  const fieldErrors = (error.details ?? []).flatMap(({ path, message }) => {
    const field = fieldOfPath[path];
    return field === undefined ? [] : [[field, fieldMessage(message)] as const];
  });
  if (fieldErrors.length > 0) return { byField: Object.fromEntries(fieldErrors) };
  const byCode = fieldOfCode[error.code];
  return byCode === undefined ? { byField: {}, general: sentence } : { byField: { [byCode]: sentence } };
}
