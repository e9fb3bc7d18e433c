import type { TextFieldOptions } from '../components/text-field.tsx';
import { newPasswordHint } from '../messages.ts';

/** One field, which can be shown: a second one is no protection against what is not seen. */
export function newPasswordField(minLength: number | undefined): TextFieldOptions {
  return {
    name: 'new-password',
    label: 'New password',
    type: 'password',
    autocomplete: 'new-password',
    missing: 'Choose a new password.',
    hint: newPasswordHint(minLength),
  };
}

/** Where the service's words about the new password belong. */
export const newPasswordErrors = {
  fieldOfCode: { weak_password: 'new-password' },
  fieldOfPath: { new_password: 'new-password', password: 'new-password' },
} as const;
