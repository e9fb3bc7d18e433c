import { element, setText } from '../element.ts';
import { createForm } from '../form.ts';
import { newPasswordHint, otherSessionsEndedMessage } from '../messages.ts';

/** The form that changes the password. `email` is a hidden field, by which password managers find the account. */
interface PasswordCard {
  readonly node: HTMLElement;
  setEmail(email: string): void;
}

export function createPasswordCard(
  change: (current: string, next: string) => Promise<{ ended: number }>,
): PasswordCard {
  const status = element('p', { class: 'news', role: 'status', 'data-testid': 'password-news' });
  const owner = element('input', {
    type: 'email',
    name: 'email',
    autocomplete: 'username',
    hidden: true,
    readonly: true,
  });
  const form = createForm({
    prefix: 'change',
    fields: [
      {
        name: 'current-password',
        label: 'Current password',
        type: 'password',
        autocomplete: 'current-password',
        missing: 'Enter your current password.',
      },
      {
        name: 'new-password',
        label: 'New password',
        type: 'password',
        autocomplete: 'new-password',
        missing: 'Choose a new password.',
        hint: newPasswordHint,
      },
    ],
    submit: 'Change password',
    submitting: 'Changing…',
    fieldOfCode: { invalid_credentials: 'current-password', weak_password: 'new-password' },
    fieldOfPath: { current_password: 'current-password', new_password: 'new-password', password: 'new-password' },
    messages: {
      invalid_credentials: 'This is not your current password.',
      reauthentication_required: 'You signed in some time ago. Log out, sign in again, then change the password.',
    },
    async send({ 'current-password': current = '', 'new-password': next = '' }) {
      setText(status, '');
      const { ended } = await change(current, next);
      form.clear();
      setText(status, `The password is changed. ${ended === 0 ? '' : otherSessionsEndedMessage(ended)}`.trim());
    },
  });
  form.node.prepend(owner);
  const title = element('h2', { id: 'password-title' }, 'Password');
  const hint = element('p', { class: 'hint' }, 'A new password ends your other sessions.');
  return Object.freeze({
    node: element('section', { class: 'card', 'aria-labelledby': 'password-title' }, title, hint, form.node, status),
    setEmail(email: string) {
      owner.value = email;
    },
  });
}
