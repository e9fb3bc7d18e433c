import type { Session } from '@latchkey/sdk-browser';
import { CredentialsCard } from './credentials-card.tsx';

interface SignInViewProps {
  readonly session: Session;
  readonly notice: string | undefined;
}

/** The sign-in form of the service's own pages. */
export function SignInView({ session, notice }: SignInViewProps) {
  return <CredentialsCard kind="sign-in" notice={notice} send={session.login} />;
}
