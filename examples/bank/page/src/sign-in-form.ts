import type { Session } from '@latchkey/sdk-browser';
import { byId, setText } from './elements.ts';
import { bindForm } from './form.ts';

const missing: Readonly<Record<string, string>> = {
  name: 'Enter your name.',
  email: 'Enter your email address.',
  password: 'Enter your password.',
};

const words = {
  'sign-in': ['Sign in', 'New here?', 'Open an account'],
  'sign-up': ['Open an account', 'Already have an account?', 'Sign in'],
} as const;

interface SignInForm {
  /** Shows the empty sign-in form. `notice` is the reason why it is shown. */
  open(notice: string): void;
}

/** One form to sign in and to register at the service. Registration has a field for the name. */
export function createSignInForm(session: Pick<Session, 'login' | 'register'>): SignInForm {
  const other = byId('entry-other', HTMLButtonElement);
  let mode: keyof typeof words = 'sign-in';

  const form = bindForm({
    id: 'entry-form',
    submitting: 'One moment…',
    fieldOfCode: { invalid_credentials: 'password', identifier_taken: 'email', weak_password: 'password' },
    validate(field, value) {
      if (value.trim() === '') return missing[field];
      return form.input(field).validity.valid ? undefined : 'This is not an email address.';
    },
    async send({ name = '', email = '', password = '' }) {
      if (mode === 'sign-in') await session.login({ email, password });
      else await session.register({ email, password, profile: { name } });
      form.node.reset();
    },
  });

  function show(next: keyof typeof words): void {
    mode = next;
    const [title, question, link] = words[mode];
    setText(byId('entry-title', HTMLElement), title);
    setText(form.node.querySelector('button') as HTMLElement, title);
    setText(byId('entry-question', HTMLElement), question);
    setText(other, link);
    byId('name', HTMLInputElement).closest<HTMLElement>('[data-field]')!.hidden = mode === 'sign-in';
    form.input('password').autocomplete = mode === 'sign-in' ? 'current-password' : 'new-password';
    for (const field of ['name', 'email', 'password']) form.showError(field);
  }

  other.addEventListener('click', () => {
    show(mode === 'sign-in' ? 'sign-up' : 'sign-in');
    form.input(mode === 'sign-in' ? 'email' : 'name').focus();
  });
  return Object.freeze<SignInForm>({
    open(notice) {
      setText(byId('entry-notice', HTMLElement), notice);
      show('sign-in');
    },
  });
}
