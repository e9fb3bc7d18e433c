import { useApi, useSession } from '@latchkey/sdk-browser/react';
import type { SubmitEvent } from 'react';
import type { Api } from '../server/api.ts';
import { useAttempt } from './use-attempt.ts';
import { useNotes } from './use-notes.ts';

export function NotesPage() {
  const { status, user, logout } = useSession();
  const api = useApi<Api>('api');
  const notes = useNotes();
  const { error, isBusy, attempt } = useAttempt();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get('text'));
    attempt(() => api.call('addNote', { text }).then(() => form.reset()));
  };
  return (
    <>
      <header>
        <span>{user?.email}</span>
        <output>{status}</output>
        <button type="button" onClick={() => attempt(() => logout())}>
          Log out
        </button>
      </header>
      <h1>Notes</h1>
      <ul>
        {notes.map(({ id, text, author }) => (
          <li key={id}>
            {text} <small>{author}</small>
          </li>
        ))}
      </ul>
      <form onSubmit={submit}>
        <label>
          Note
          <input name="text" maxLength={200} required />
        </label>
        <button type="submit" disabled={isBusy}>
          Add
        </button>
        <p role="alert">{error}</p>
      </form>
    </>
  );
}
