import { useSession } from '@latchkey/sdk-browser/react';
import type { SubmitEvent } from 'react';
import { useAttempt } from './use-attempt.ts';

/** Both buttons send the same form. */
export function SignInForm() {
  const { login, register } = useSession();
  const { error, isBusy, attempt } = useAttempt();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const credentials = { email: String(form.get('email')), password: String(form.get('password')) };
    const isNew = event.nativeEvent.submitter?.getAttribute('value') === 'register';
    attempt(() => (isNew ? register(credentials) : login(credentials)));
  };
  return (
    <form onSubmit={submit}>
      <h1>Notes</h1>
      <label>
        Email
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" minLength={8} required />
      </label>
      <div>
        <button type="submit" value="login" disabled={isBusy}>
          Sign in
        </button>
        <button type="submit" value="register" disabled={isBusy}>
          Create an account
        </button>
      </div>
      <p role="alert">{error}</p>
    </form>
  );
}
