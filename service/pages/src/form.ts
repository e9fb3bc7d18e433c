import { type ErrorCode, Failure } from '@latchkey/contract';
import { element, setText } from './element.ts';
import { createField, type Field, type FieldOptions } from './field.ts';
import { errorMessage } from './messages.ts';

export interface FormOptions {
  /** Begins the ids of its inputs; different for each form of a page. */
  readonly prefix: string;
  readonly fields: readonly (FieldOptions | ((prefix: string) => Field))[];
  readonly submit: string;
  readonly submitting: string;
  /** Placed before the submit button, on the same line. */
  readonly secondaryAction?: HTMLElement;
  readonly send: (values: Readonly<Record<string, string>>) => Promise<void>;
  /** Errors that belong beside one field, and the names that the service gives its fields. */
  readonly fieldOfCode?: Partial<Record<ErrorCode, string>>;
  readonly fieldOfPath?: Readonly<Record<string, string>>;
  /** Sentences that say more than the contract's. */
  readonly messages?: Partial<Record<ErrorCode, string>>;
}

/** A form that says what is wrong in words, beside the field it is about. */
interface Form {
  readonly node: HTMLFormElement;
  clear(): void;
}

export function createForm(options: FormOptions): Form {
  const fields = options.fields.map((field) =>
    typeof field === 'function' ? field(options.prefix) : createField(options.prefix, field),
  );
  const alert = element('p', { class: 'form-error', role: 'alert' });
  const button = element('button', { type: 'submit', class: 'primary', 'data-testid': 'submit' }, options.submit);
  let sending = false;
  const setSending = (on: boolean): void => {
    sending = on;
    // Not `disabled`, which would remove the focus from the button that was pressed.
    button.setAttribute('aria-disabled', String(on));
    setText(button, on ? options.submitting : options.submit);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (sending || !validateFields(fields)) return;
    setText(alert, '');
    setSending(true);
    await options
      .send(Object.fromEntries(fields.map((field) => [field.name, field.value()])))
      .catch((error: unknown) => showError(error, { options, fields, alert }))
      .finally(() => setSending(false));
  };
  const last =
    options.secondaryAction === undefined
      ? button
      : element('p', { class: 'actions' }, options.secondaryAction, button);
  return Object.freeze({
    node: element('form', { novalidate: true, onsubmit: submit }, ...fields.map(({ node }) => node), alert, last),
    clear() {
      for (const field of fields) field.clear();
    },
  });
}

function validateFields(fields: readonly Field[]): boolean {
  const wrong = fields.filter((field) => {
    const mistake = field.validate();
    field.showError(mistake);
    return mistake !== undefined;
  });
  wrong[0]?.focus();
  return wrong.length === 0;
}

interface FormElements {
  readonly options: FormOptions;
  readonly fields: readonly Field[];
  readonly alert: HTMLElement;
}

function showError(error: unknown, { options, fields, alert }: FormElements): void {
  const placed = toFormErrors(error, options);
  for (const field of fields) field.showError(placed.byField[field.name]);
  setText(alert, placed.general ?? '');
  fields.find((field) => placed.byField[field.name] !== undefined)?.focus();
}

/** Messages beside their fields, or for the whole form. */
interface FormErrors {
  readonly byField: Readonly<Record<string, string>>;
  readonly general?: string;
}

export function toFormErrors(
  error: unknown,
  { fieldOfCode = {}, fieldOfPath = {}, messages = {} }: Pick<FormOptions, 'fieldOfCode' | 'fieldOfPath' | 'messages'>,
): FormErrors {
  if (!(error instanceof Failure)) return { byField: {}, general: errorMessage(error) };
  const sentence = messages[error.code] ?? errorMessage(error);
  const fieldErrors = (error.details ?? []).flatMap(({ path, message }) => {
    const field = fieldOfPath[path];
    return field === undefined ? [] : [[field, message] as const];
  });
  if (fieldErrors.length > 0) return { byField: Object.fromEntries(fieldErrors) };
  const byCode = fieldOfCode[error.code];
  return byCode === undefined ? { byField: {}, general: sentence } : { byField: { [byCode]: sentence } };
}
