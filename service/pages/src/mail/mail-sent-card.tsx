import type { ComponentChildren } from 'preact';
import { Card } from '../components/card.tsx';
import { words } from '../words/words.ts';
import { CodeForm } from './code-form.tsx';
import { ResendButton } from './resend-button.tsx';

interface MailSentCardProps {
  readonly email: string;
  readonly lead: ComponentChildren;
  readonly submit: string;
  readonly submitting: string;
  readonly send: (code: string) => Promise<unknown>;
  readonly resend: () => Promise<unknown>;
  /** Goes back to the form. */
  readonly back: () => void;
}

/** A mail is on its way: its code signs in, in this tab. */
export function MailSentCard({ email, lead, resend, back, ...form }: MailSentCardProps) {
  return (
    <Card title={words().mail.lookTitle}>
      <p data-testid="mail-sent">
        {lead} <bdi class="address">{email}</bdi>
      </p>
      <CodeForm prefix="mail" {...form} />
      <ResendButton resend={resend} />
      <p class="elsewhere">
        <button type="button" class="as-link" data-testid="back" onClick={back}>
          {words().mail.goBack}
        </button>
      </p>
    </Card>
  );
}
