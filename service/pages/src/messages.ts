import { Failure } from '@latchkey/contract';
import type { SessionReason } from '@latchkey/sdk-browser';
import { formatDuration } from './words/formats.ts';
import { fill, isEnglish, words } from './words/words.ts';

/** The rule for a new password, shown beside its field. */
export function newPasswordHint(minLength: number | undefined): string {
  const { newPasswordHint, newPasswordHintLength } = words().field;
  return minLength === undefined ? newPasswordHint : fill(newPasswordHintLength, { count: String(minLength) });
}

/** Reason of the sign-out, for the sign-in page. */
export function endMessage(reason: SessionReason): string {
  const { ended, errors } = words();
  const messages: Readonly<Record<string, string>> = { ...errors, ...ended };
  return messages[reason] ?? ended.unknown;
}

/** Warning about the address before a password is typed. Nothing over https or on this machine. */
export function insecureContextWarning({ isSecureContext }: Pick<Window, 'isSecureContext'>): string | undefined {
  return isSecureContext ? undefined : words().insecureContext;
}

/**
 * An error in words, and how long to wait when the service says so. Where the service says more than its code does, that is
 * shown on a page in English alone: the service has no other language.
 */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Failure)) return words().unknownError;
  const { code, message, retryAfterMs } = error;
  // The SDK's own refusals say no more than their code.
  const sentence = message === code || !isEnglish() ? words().errors[code] : message;
  if (code !== 'rate_limited' || retryAfterMs === undefined) return sentence;
  return fill(words().tryAgainIn, { message: sentence, duration: formatDuration(retryAfterMs) });
}

/** The message of the service about one field, which is in English. */
export function fieldMessage(message: string): string {
  return isEnglish() ? message : words().invalidValue;
}
