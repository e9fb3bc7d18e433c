import { Failure } from '@latchkey/sdk-browser';
import { byId, setText } from './elements.ts';
import { describeError } from './messages.ts';

type Values = Readonly<Record<string, string>>;

interface BoundFormOptions {
  /** Id of the form; its fields are the `data-field` elements that are not hidden. */
  readonly id: string;
  readonly submitting: string;
  /** Returns an error message for a field, checked before the request is sent. */
  readonly validate: (field: string, value: string) => string | undefined;
  readonly send: (values: Values) => Promise<void>;
  /** Error codes that belong beside one field. */
  readonly fieldOfCode?: Readonly<Record<string, string>>;
}

interface BoundForm {
  readonly node: HTMLFormElement;
  input(field: string): HTMLInputElement;
  /** Shows an error beside a field. Without a sentence it removes the error. */
  showError(field: string, sentence?: string): void;
}

/** Binds a form that shows errors beside their fields and sends one request at a time. */
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

  /** Shows an error beside its field, or below all fields when it has none. */
  function show(error: unknown): void {
    const { code = '', details = [] } = error instanceof Failure ? error : {};
    const detailed = details.map(({ path, message }) => [path, message] as const);
    const placed = new Map(detailed.length > 0 ? detailed : [[fieldOfCode[code] ?? '', describeError(error)]]);
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
    // `disabled` would remove the focus from the button.
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
