import { Failure } from '@latchkey/sdk-browser';
import { byId, setText } from './elements.ts';
import { describeError } from './messages.ts';

type Values = Readonly<Record<string, string>>;

interface BoundFormOptions {
  /** Id of the form; its fields are the `data-field` elements that are not hidden. */
  readonly id: string;
  readonly submitting: string;
  /** What is wrong with a field before anybody is asked. */
  readonly validate: (field: string, value: string) => string | undefined;
  readonly send: (values: Values) => Promise<void>;
  /** Error codes that belong beside one field. */
  readonly fieldOfCode?: Readonly<Record<string, string>>;
}

interface BoundForm {
  readonly node: HTMLFormElement;
  input(field: string): HTMLInputElement;
  /** Shows what is wrong with a field, or with nothing takes it away. */
  showError(field: string, sentence?: string): void;
}

/** A form that says what is wrong in words, beside the field it is about, and sends one thing at a time. */
export function bindForm({ id, submitting, validate, send, fieldOfCode = {} }: BoundFormOptions): BoundForm {
  const node = byId(id, HTMLFormElement);
  const button = node.querySelector('button') as HTMLButtonElement;
  const alert = node.querySelector('[data-trouble]') as HTMLElement;
  const input = (field: string) => node.elements.namedItem(field) as HTMLInputElement;
  const fields = () =>
    [...node.querySelectorAll<HTMLElement>('[data-field]:not([hidden])')].map(({ dataset }) => dataset.field as string);
  let isSending = false;

  function showError(field: string, sentence = ''): void {
    setText(byId(`${field}-error`, HTMLElement), sentence);
    input(field).setAttribute('aria-invalid', String(sentence !== ''));
  }

  /** Beside its field if it has one here, else below all of them. */
  function show(error: unknown): void {
    const { code = '', details = [] } = error instanceof Failure ? error : {};
    const told = details.map(({ path, message }) => [path, message] as const);
    const placed = new Map(told.length > 0 ? told : [[fieldOfCode[code] ?? '', describeError(error)]]);
    const beside = fields().filter((field) => placed.has(field));
    for (const field of beside) showError(field, placed.get(field));
    if (beside.length === 0) setText(alert, describeError(error));
    else input(beside[0]!).focus();
  }

  function check(): boolean {
    for (const field of fields()) showError(field, validate(field, input(field).value));
    const wrong = fields().filter((field) => input(field).getAttribute('aria-invalid') === 'true');
    if (wrong[0] !== undefined) input(wrong[0]).focus();
    return wrong.length === 0;
  }

  async function submit(): Promise<void> {
    setText(alert, '');
    if (isSending || !check()) return;
    const label = button.textContent ?? '';
    isSending = true;
    // Not `disabled`: that would take the focus away from whoever pressed it.
    button.setAttribute('aria-disabled', 'true');
    setText(button, submitting);
    await send(Object.fromEntries(fields().map((field) => [field, input(field).value.trim()]))).catch(show);
    isSending = false;
    button.removeAttribute('aria-disabled');
    setText(button, label);
  }

  node.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  return Object.freeze<BoundForm>({ node, input, showError });
}
