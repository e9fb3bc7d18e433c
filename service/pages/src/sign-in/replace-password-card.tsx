import { Form } from '../components/form.tsx';
import { HiddenUsername } from '../components/hidden-username.tsx';
import { newPasswordErrors, newPasswordField } from '../components/known-fields.ts';
import { words } from '../words/words.ts';
import { EntryCard, type EntryCardProps } from './entry-card.tsx';

interface ReplacePasswordCardProps extends EntryCardProps {
  readonly email: string;
  readonly minLength: number | undefined;
  readonly send: (newPassword: string) => Promise<void>;
}

/** Asks for the password that replaces the one which was just entered. */
export function ReplacePasswordCard({ email, minLength, send, ...card }: ReplacePasswordCardProps) {
  const { entry, mail } = words();
  return (
    <EntryCard {...card} title={mail.resetTitle} notice={entry.newPasswordLead} elsewhere={undefined}>
      <Form
        {...newPasswordErrors}
        prefix="replace"
        autofocus
        fields={[newPasswordField(minLength)]}
        submit={mail.setPassword}
        submitting={mail.settingPassword}
        send={({ 'new-password': next = '' }) => send(next)}
      >
        <HiddenUsername email={email} />
      </Form>
    </EntryCard>
  );
}
