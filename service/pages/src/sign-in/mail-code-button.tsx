import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { ErrorMessage } from '../components/error-message.tsx';
import { words } from '../words/words.ts';

interface MailCodeButtonProps {
  readonly mailCode: (email: string) => Promise<void>;
}

const emailField = '[name=email]';

/** Signs in by a mail, in place of the password of the form above it. */
export function MailCodeButton({ mailCode }: MailCodeButtonProps) {
  const node = useRef<HTMLDivElement>(null);
  const isSending = useSignal(false);
  const error = useSignal<unknown>(undefined);
  const wrong = useSignal('');
  const send = async (): Promise<void> => {
    const input = node.current?.parentElement?.querySelector<HTMLInputElement>(emailField);
    if (isSending.value || input == null) return;
    const email = input.value.trim();
    wrong.value = email === '' || !input.validity.valid ? words().entry.mailCodeNeedsEmail : '';
    error.value = undefined;
    if (wrong.value !== '') return input.focus();
    isSending.value = true;
    await mailCode(email).catch((cause: unknown) => {
      error.value = cause;
    });
    isSending.value = false;
  };
  return (
    <div class="outcome" ref={node}>
      <button type="button" data-testid="mail-code" aria-disabled={isSending.value} onClick={() => void send()}>
        {words().entry.mailCode}
      </button>
      <p class="field-error" role="alert">
        {wrong.value || undefined}
      </p>
      <ErrorMessage error={error.value} />
    </div>
  );
}
