import { newPasswordHint } from '../messages.ts';
import { words } from '../words/words.ts';
import type { TextFieldOptions } from './text-field.tsx';

/** The address of an account. */
export function emailField(initial = ''): TextFieldOptions {
  const { email, emailMissing } = words().field;
  return { name: 'email', label: email, type: 'email', autocomplete: 'username', missing: emailMissing, initial };
}

/** The password of an account. */
export function passwordField(missing: string = words().field.passwordMissing): TextFieldOptions {
  const { password } = words().field;
  return { name: 'password', label: password, type: 'password', autocomplete: 'current-password', missing };
}

/** One field, which can be revealed. A second one would not show either what was typed. */
export function newPasswordField(minLength: number | undefined): TextFieldOptions {
  const { newPassword, newPasswordMissing } = words().field;
  return {
    name: 'new-password',
    label: newPassword,
    type: 'password',
    autocomplete: 'new-password',
    missing: newPasswordMissing,
    hint: newPasswordHint(minLength),
  };
}

/** The field beside which refusals of the new password are shown. */
export const newPasswordErrors = {
  fieldOfCode: { weak_password: 'new-password' },
  fieldOfPath: { new_password: 'new-password', password: 'new-password' },
} as const;
