import type { Session } from '@latchkey/sdk-browser';
import { CredentialsCard } from './credentials-card.tsx';

interface SignUpViewProps {
  readonly session: Session;
  readonly notice: string | undefined;
}

/** The sign-up form of the service's own pages. The user of an operator's link becomes an operator. */
export function SignUpView({ session, notice }: SignUpViewProps) {
  const operatorInvite = parseOperatorInvite(location.hash);
  const invite = operatorInvite === undefined ? undefined : { operatorInvite };
  return (
    <CredentialsCard
      kind="sign-up"
      notice={notice}
      lead={invite && 'The user who signs up with this link becomes an operator of the service.'}
      send={(credentials) => session.register({ ...credentials, ...invite })}
    />
  );
}

/** The code of `/signup#operator=<code>`, which stays in the address until it is used: a page may be loaded again. */
function parseOperatorInvite(fragment: string): string | undefined {
  return new URLSearchParams(fragment.slice(1)).get('operator') || undefined;
}
