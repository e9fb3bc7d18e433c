import { isSignedIn } from '@latchkey/sdk-browser';
import { useSession } from '@latchkey/sdk-browser/react';
import { NotesPage } from './notes-page.tsx';
import { SignInForm } from './sign-in-form.tsx';

export function App() {
  const session = useSession();
  const { status, reason, connect } = session;
  if (isSignedIn(session)) return <NotesPage />; // stays while the session reconnects
  if (status === 'signed_out') return <SignInForm />;
  if (status !== 'error') return <p>{status === 'offline' ? 'Offline. Connecting…' : 'Connecting…'}</p>;
  return (
    <p role="alert">
      The service refused the session ({reason}).{' '}
      <button type="button" onClick={() => connect()}>
        Try again
      </button>
    </p>
  );
}
