import type { FieldOptions } from '../field.ts';
import { createForm, type FormOptions } from '../form.ts';

/** The form above a list. Errors of the service are shown beside their field. */
export function createSearchForm({
  prefix,
  fields,
  send,
}: Pick<FormOptions, 'prefix' | 'fields' | 'send'>): HTMLFormElement {
  const names = ['email', 'tenant', 'user'];
  const { node } = createForm({
    prefix,
    fields,
    fieldOfPath: Object.fromEntries(names.map((name) => [name, name])),
    submit: 'Search',
    submitting: 'Searching…',
    send,
  });
  node.classList.add('filters');
  node.setAttribute('role', 'search');
  return node;
}

/** A field that may be empty: then it narrows nothing. */
export function searchField(name: string, label: string, initial = ''): FieldOptions {
  return { name, label, initial, type: 'text', autocomplete: 'off' };
}
