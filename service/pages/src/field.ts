import { element, setText } from './element.ts';

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password';
  readonly autocomplete: 'username' | 'current-password' | 'new-password';
  /** What to say when it is empty. */
  readonly missing: string;
  readonly hint?: string;
}

/** A labelled input with its own place for an error in words. */
export interface Field {
  readonly name: string;
  readonly node: HTMLElement;
  value(): string;
  /** What is wrong with the value, before anybody is asked; nothing when it can be sent. */
  mistake(): string | undefined;
  /** Shows an error, or with nothing takes it away. */
  complain(sentence: string | undefined): void;
  focus(): void;
  clear(): void;
}

export function createField(prefix: string, options: FieldOptions): Field {
  const id = `${prefix}-${options.name}`;
  const input = createInput(id, options);
  const error = element('p', { class: 'field-error', id: `${id}-error`, role: 'alert' });
  const value = () => (options.type === 'email' ? input.value.trim() : input.value);
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
    mistake() {
      if (value() === '') return options.missing;
      return input.validity.valid ? undefined : 'This is not an email address.';
    },
    complain(sentence: string | undefined) {
      setText(error, sentence ?? '');
      input.setAttribute('aria-invalid', String(sentence !== undefined));
    },
    focus: () => input.focus(),
    clear() {
      input.value = '';
    },
  });
}

function createInput(id: string, { name, type, autocomplete, hint }: FieldOptions): HTMLInputElement {
  return element('input', {
    id,
    name,
    type,
    autocomplete,
    required: true,
    autocapitalize: 'none',
    spellcheck: 'false',
    'data-testid': name,
    'aria-describedby': `${hint === undefined ? '' : `${id}-hint `}${id}-error`,
  });
}

/** A password that can be looked at: typing blind is where most wrong passwords come from. */
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
