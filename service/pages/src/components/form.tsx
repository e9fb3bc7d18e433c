import { useSignal } from '@preact/signals';
import type { ComponentChildren, TargetedSubmitEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { words } from '../words/words.ts';
import { ChoicesField, type ChoicesFieldOptions, SelectField, type SelectFieldOptions } from './choice-fields.tsx';
import { type FormErrorOptions, type FormErrors, toFormErrors } from './form-errors.ts';
import { ImageField, type ImageFieldOptions } from './image-field.tsx';
import { TextField, type TextFieldOptions } from './text-field.tsx';

export type FieldOptions = ImageFieldOptions | TextFieldOptions | SelectFieldOptions | ChoicesFieldOptions;
export type Values = Readonly<Record<string, string>>;

export interface FormProps extends FormErrorOptions {
  /** Begins the ids of its inputs; different for each form of a page. */
  readonly prefix: string;
  readonly fields: readonly FieldOptions[];
  readonly submit: string;
  readonly submitting: string;
  /** Placed before the submit button, on the same line. */
  readonly secondaryAction?: ComponentChildren;
  readonly send: (values: Values, form: HTMLFormElement) => Promise<void>;
  readonly isSearch?: boolean;
  /** The first field gets the focus once the form is shown. */
  readonly autofocus?: boolean;
  /** Placed before the fields. */
  readonly children?: ComponentChildren;
}

function invalidMessage(type: TextFieldOptions['type']): string {
  const { codeInvalid, emailInvalid, numberInvalid } = words().field;
  const messages: Partial<Record<typeof type, string>> = {
    code: codeInvalid,
    email: emailInvalid,
    number: numberInvalid,
  };
  return messages[type] ?? words().invalidValue;
}

/** A form that shows the message of an error beside its field. */
export function Form({
  prefix,
  fields,
  submit,
  submitting,
  secondaryAction,
  send,
  isSearch,
  autofocus,
  ...rest
}: FormProps) {
  const node = useRef<HTMLFormElement>(null);
  const errors = useSignal<FormErrors>({ byField: {} });
  const isSending = useSignal(false);
  useEffect(() => {
    if (autofocus === true) node.current?.querySelector<HTMLElement>('.field input')?.focus();
  }, []);
  const showErrors = (form: HTMLFormElement, found: FormErrors): boolean => {
    errors.value = found;
    const wrong = fields.find(({ name }) => found.byField[name] !== undefined);
    if (wrong !== undefined) form.querySelector<HTMLElement>(`[name="${wrong.name}"]`)?.focus();
    return wrong !== undefined;
  };
  const onSubmit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const values = readValues(form, fields);
    if (isSending.value || showErrors(form, { byField: validate(form, fields, values) })) return;
    isSending.value = true;
    await send(values, form)
      .catch((error: unknown) => showErrors(form, toFormErrors(error, rest)))
      .finally(() => {
        isSending.value = false;
      });
  };
  // Not `disabled`, which would remove the focus from the button that was pressed.
  const button = (
    <button type="submit" class="primary" data-testid="submit" aria-disabled={isSending.value}>
      {isSending.value ? submitting : submit}
    </button>
  );
  return (
    <form ref={node} novalidate onSubmit={onSubmit} {...(isSearch ? { class: 'filters', role: 'search' } : {})}>
      {rest.children}
      {fields.map((field) => {
        const props = { id: `${prefix}-${field.name}`, error: errors.value.byField[field.name] };
        if (field.type === 'select') return <SelectField key={field.name} field={field} {...props} />;
        if (field.type === 'choices') return <ChoicesField key={field.name} field={field} {...props} />;
        if (field.type === 'image') return <ImageField key={field.name} field={field} {...props} />;
        return <TextField key={field.name} field={field} {...props} />;
      })}
      <p class="form-error" role="alert">
        {errors.value.general}
      </p>
      {secondaryAction === undefined ? (
        button
      ) : (
        <p class="actions">
          {secondaryAction}
          {button}
        </p>
      )}
    </form>
  );
}

function readValues(form: HTMLFormElement, fields: readonly FieldOptions[]): Values {
  const data = new FormData(form);
  const readValue = ({ name, type }: FieldOptions): string => {
    const value = data.getAll(name).join(' ');
    return type === 'password' ? value : value.trim();
  };
  return Object.fromEntries(fields.map((field) => [field.name, readValue(field)]));
}

/** An error message for each invalid value, before it is sent. */
function validate(form: HTMLFormElement, fields: readonly FieldOptions[], values: Values): FormErrors['byField'] {
  const messageOf = (field: FieldOptions): string | undefined => {
    const input = form.elements.namedItem(field.name);
    if (
      field.type === 'select' ||
      field.type === 'choices' ||
      field.type === 'image' ||
      !(input instanceof HTMLInputElement)
    )
      return undefined;
    if (values[field.name] === '' && !input.validity.badInput) return field.missing;
    return input.validity.valid ? undefined : invalidMessage(field.type);
  };
  const found = fields.map((field) => [field.name, messageOf(field)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== undefined));
}
