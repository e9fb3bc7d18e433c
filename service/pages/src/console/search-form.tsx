import { Form, type FormProps } from '../components/form.tsx';
import type { TextFieldOptions } from '../components/text-field.tsx';
import { words } from '../words/words.ts';

const fieldOfPath = Object.fromEntries(
  ['email', 'search', 'tenant', 'user', 'session', 'from', 'to'].map((name) => [name, name]),
);

/** The form above a list. Errors of the service are shown beside their field. */
export function SearchForm(props: Pick<FormProps, 'prefix' | 'fields' | 'send'>) {
  const { search, searching } = words().console;
  return <Form {...props} isSearch fieldOfPath={fieldOfPath} submit={search} submitting={searching} />;
}

/** A field that may be empty, and then does not filter. */
export function searchField(name: string, label: string, initial = ''): TextFieldOptions {
  return { name, label, initial, type: 'text' };
}
