import { pagePaths } from '@latchkey/contract';
import { Form } from '../components/form.tsx';
import { emailField } from '../components/known-fields.ts';
import { words } from '../words/words.ts';
import { EntryCard, type EntryCardProps } from './entry-card.tsx';

interface AddressCardProps extends EntryCardProps {
  /** The address that is filled in. */
  readonly initial: string | undefined;
  /** Visitors may make an account. */
  readonly hasSignUp: boolean;
  readonly onAddress: (email: string) => void;
}

/** Asks for the address, before the ways to sign in are shown. */
export function AddressCard({ initial, hasSignUp, onAddress, ...card }: AddressCardProps) {
  const { entry } = words();
  return (
    <EntryCard
      {...card}
      title={entry.signIn}
      elsewhere={hasSignUp ? { question: entry.newHere, link: entry.signUp, path: pagePaths.signUp } : undefined}
    >
      <Form
        prefix="sign-in"
        autofocus
        fields={[emailField(initial)]}
        submit={entry.next}
        submitting={entry.next}
        send={async ({ email = '' }) => onAddress(email)}
      />
    </EntryCard>
  );
}
