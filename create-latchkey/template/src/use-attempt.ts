import { Failure } from '@latchkey/sdk-browser';
import { useState } from 'react';

/** Runs work of a form, and returns the error to show below it. */
export function useAttempt() {
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const attempt = (work: () => Promise<unknown>): void => {
    setError('');
    setBusy(true);
    work()
      .catch((cause: unknown) => setError(describe(cause)))
      .finally(() => setBusy(false));
  };
  return { error, isBusy, attempt };
}

const sentences: Readonly<Record<string, string>> = {
  invalid_credentials: 'Email or password is wrong.',
  identifier_taken: 'This email has an account. Sign in instead.',
  weak_password: 'Choose a longer password, or a less common one.',
  unavailable: 'The service is not available. Try again.',
};

function describe(cause: unknown): string {
  if (!(cause instanceof Failure)) return String(cause);
  return sentences[cause.code] ?? cause.detail ?? cause.message;
}
