import { pagePaths } from '@latchkey/contract';
import { Form } from '../components/form.tsx';
import { HiddenUsername } from '../components/hidden-username.tsx';
import { passwordField } from '../components/known-fields.ts';
import { PageLink } from '../components/page-link.tsx';
import { ActionButton } from '../mail/action-button.tsx';
import { words } from '../words/words.ts';
import { EntryCard, type EntryCardProps } from './entry-card.tsx';
import type { SignInWay } from './sign-in-memory.ts';

interface WaysCardProps extends EntryCardProps {
  readonly email: string;
  /** The way that this browser used last. It comes first. */
  readonly lastWay: SignInWay | undefined;
  /** Mails a code to the address. `undefined`: the tenant does not offer it. */
  readonly mailCode: (() => Promise<void>) | undefined;
  readonly signIn: (password: string) => Promise<void>;
  /** Called before the page for a forgotten password opens. `undefined`: no mail can be sent. */
  readonly onForgot: (() => void) | undefined;
  readonly back: () => void;
}

/** The ways to sign in that the tenant offers. They are the same for each address, also for one without an account. */
export function WaysCard({ email, lastWay, mailCode, signIn, onForgot, back, ...card }: WaysCardProps) {
  const { entry } = words();
  const isMailFirst = lastWay === 'mail' && mailCode !== undefined;
  const password = <PasswordForm email={email} isFirst={!isMailFirst} send={signIn} />;
  const mail = mailCode !== undefined && (
    <ActionButton label={entry.mailCode} testId="mail-code" isPrimary={isMailFirst} act={mailCode} />
  );
  return (
    <EntryCard {...card} title={entry.signIn} elsewhere={undefined}>
      <p data-testid="address">
        <bdi class="address">{email}</bdi>{' '}
        <button type="button" class="as-link" data-testid="other-address" onClick={back}>
          {entry.otherAddress}
        </button>
      </p>
      {isMailFirst ? [mail, password] : [password, mail]}
      {onForgot !== undefined && (
        <p class="elsewhere">
          <PageLink path={pagePaths.forgot} request={card.request} onClick={onForgot}>
            {entry.forgot}
          </PageLink>
        </p>
      )}
    </EntryCard>
  );
}

interface PasswordFormProps {
  readonly email: string;
  /** It gets the focus. */
  readonly isFirst: boolean;
  readonly send: (password: string) => Promise<void>;
}

function PasswordForm({ email, isFirst, send }: PasswordFormProps) {
  const { entry } = words();
  return (
    <Form
      key="password"
      prefix="sign-in"
      autofocus={isFirst}
      fields={[passwordField()]}
      submit={entry.signIn}
      submitting={entry.signingIn}
      fieldOfCode={{ invalid_credentials: 'password' }}
      fieldOfPath={{ password: 'password' }}
      send={({ password = '' }) => send(password)}
    >
      <HiddenUsername email={email} />
    </Form>
  );
}
