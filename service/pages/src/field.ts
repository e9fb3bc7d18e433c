import { element, setText } from './element.ts';

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text' | 'number';
  readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'off';
  /** What to say when it is empty; without it, it may be. */
  readonly missing?: string;
  readonly hint?: string;
  readonly initial?: string;
}

/** A labelled input with its own place for an error in words. */
export interface Field {
  readonly name: string;
  readonly node: HTMLElement;
  value(): string;
  /** Returns an error message for the value before it is sent, or undefined for a valid one. */
  validate(): string | undefined;
  /** Shows an error, or with nothing takes it away. */
  showError(sentence: string | undefined): void;
  focus(): void;
  clear(): void;
}

const invalidMessages: Record<FieldOptions['type'], string> = {
  email: 'This is not an email address.',
  number: 'This is not a whole number of 1 or more.',
  password: 'This value is not valid.',
  text: 'This value is not valid.',
};

export function createField(prefix: string, options: FieldOptions): Field {
  const id = `${prefix}-${options.name}`;
  const input = createInput(id, options);
  const error = element('p', { class: 'field-error', id: `${id}-error`, role: 'alert' });
  const value = () => (options.type === 'password' ? input.value : input.value.trim());
  return Object.freeze({
    name: options.name,
    node: element(
      'div',
      { class: 'field' },
      element('label', { for: id }, options.label),
      options.type === 'password' ? withReveal(input, options.label) : input,
      options.hint === undefined ? undefined : element('p', { class: 'hint', id: `${id}-hint` }, options.hint),
      error,
    ),
    value,
    validate() {
      if (input.validity.badInput) return invalidMessages[options.type];
      if (value() === '') return options.missing;
      return input.validity.valid ? undefined : invalidMessages[options.type];
    },
    showError(sentence: string | undefined) {
      setText(error, sentence ?? '');
      input.setAttribute('aria-invalid', String(sentence !== undefined));
    },
    focus: () => input.focus(),
    clear() {
      input.value = '';
    },
  });
}

function createInput(id: string, { name, type, autocomplete, missing, hint, initial }: FieldOptions): HTMLInputElement {
  return element('input', {
    id,
    name,
    type,
    autocomplete,
    required: missing !== undefined,
    value: initial,
    min: type === 'number' ? 1 : undefined,
    inputmode: type === 'number' ? 'numeric' : undefined,
    autocapitalize: 'none',
    spellcheck: 'false',
    'data-testid': name,
    'aria-describedby': `${hint === undefined ? '' : `${id}-hint `}${id}-error`,
  });
}

/** A password field with a button that shows the password, because hidden typing causes most wrong passwords. */
function withReveal(input: HTMLInputElement, label: string): HTMLElement {
  const button = element('button', {
    type: 'button',
    class: 'reveal',
    'aria-label': `Show ${label.toLowerCase()}`,
    'aria-pressed': 'false',
    'aria-controls': input.id,
    onclick: () => {
      const shown = input.type === 'password';
      input.type = shown ? 'text' : 'password';
      button.setAttribute('aria-pressed', String(shown));
      button.textContent = shown ? 'Hide' : 'Show';
    },
  });
  button.textContent = 'Show';
  return element('div', { class: 'with-reveal' }, input, button);
}
