import { type ErrorCode, Failure } from '@latchkey/contract';
import { element, setText } from './element.ts';
import { createField, type Field, type FieldOptions } from './field.ts';
import { sentenceOfError } from './words.ts';

export interface FormOptions {
  /** Begins the ids of its inputs; different for each form of a page. */
  readonly prefix: string;
  readonly fields: readonly (FieldOptions | ((prefix: string) => Field))[];
  readonly submit: string;
  readonly submitting: string;
  /** Stands before the button that sends, on the same line. */
  readonly beside?: HTMLElement;
  readonly send: (values: Readonly<Record<string, string>>) => Promise<void>;
  /** Errors that belong beside one field, and the names that the service gives its fields. */
  readonly fieldOfCode?: Partial<Record<ErrorCode, string>>;
  readonly fieldOfPath?: Readonly<Record<string, string>>;
  /** Sentences that say more than the contract's. */
  readonly sentences?: Partial<Record<ErrorCode, string>>;
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
    // Not `disabled`: that would take the focus away from whoever pressed it.
    button.setAttribute('aria-disabled', String(on));
    setText(button, on ? options.submitting : options.submit);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (sending || !checkFields(fields)) return;
    setText(alert, '');
    setSending(true);
    await options
      .send(Object.fromEntries(fields.map((field) => [field.name, field.value()])))
      .catch((error: unknown) => showError(error, { options, fields, alert }))
      .finally(() => setSending(false));
  };
  const last = options.beside === undefined ? button : element('p', { class: 'actions' }, options.beside, button);
  return Object.freeze({
    node: element('form', { novalidate: true, onsubmit: submit }, ...fields.map(({ node }) => node), alert, last),
    clear() {
      for (const field of fields) field.clear();
    },
  });
}

function checkFields(fields: readonly Field[]): boolean {
  const wrong = fields.filter((field) => {
    const mistake = field.mistake();
    field.complain(mistake);
    return mistake !== undefined;
  });
  wrong[0]?.focus();
  return wrong.length === 0;
}

interface Shown {
  readonly options: FormOptions;
  readonly fields: readonly Field[];
  readonly alert: HTMLElement;
}

function showError(error: unknown, { options, fields, alert }: Shown): void {
  const placed = placeError(error, options);
  for (const field of fields) field.complain(placed.beside[field.name]);
  setText(alert, placed.whole ?? '');
  fields.find((field) => placed.beside[field.name] !== undefined)?.focus();
}

/** Which sentence stands where: beside fields, or for the whole form. */
interface PlacedError {
  readonly beside: Readonly<Record<string, string>>;
  readonly whole?: string;
}

export function placeError(
  error: unknown,
  {
    fieldOfCode = {},
    fieldOfPath = {},
    sentences = {},
  }: Pick<FormOptions, 'fieldOfCode' | 'fieldOfPath' | 'sentences'>,
): PlacedError {
  if (!(error instanceof Failure)) return { beside: {}, whole: sentenceOfError(error) };
  const sentence = sentences[error.code] ?? sentenceOfError(error);
  const told = (error.details ?? []).flatMap(({ path, message }) => {
    const field = fieldOfPath[path];
    return field === undefined ? [] : [[field, message] as const];
  });
  if (told.length > 0) return { beside: Object.fromEntries(told) };
  const byCode = fieldOfCode[error.code];
  return byCode === undefined ? { beside: {}, whole: sentence } : { beside: { [byCode]: sentence } };
}
