import { useSignal } from '@preact/signals';
import { fill, words } from '../words/words.ts';

export interface TextFieldOptions {
  readonly type: keyof typeof inputTypes;
  readonly name: string;
  readonly label: string;
  readonly autocomplete?: 'name' | 'username' | 'current-password' | 'new-password' | 'one-time-code';
  /** The message when the field is empty. Absent: the field may be empty. */
  readonly missing?: string;
  readonly hint?: string;
  readonly initial?: string;
}

export interface FieldProps<Options> {
  readonly id: string;
  readonly field: Options;
  readonly error: string | undefined;
}

const inputTypes = {
  // Spaces between the digits are taken, because codes are often written with them.
  code: { type: 'text', inputmode: 'numeric', pattern: String.raw`\s*(?:\d\s*){6}`, class: 'code' },
  email: { type: 'email' },
  /** Several lines. */
  lines: {},
  number: { type: 'number', min: 1, inputmode: 'numeric' },
  password: { type: 'password' },
  text: { type: 'text' },
  // In the time zone of the user.
  time: { type: 'datetime-local' },
} as const;

/** A labelled input with its own place for an error in words. */
export function TextField({ id, field, error }: FieldProps<TextFieldOptions>) {
  const { type, name, label, autocomplete = 'off', missing, hint, initial } = field;
  const isRevealed = useSignal(false);
  const attributes = {
    id,
    name,
    autocomplete,
    required: missing !== undefined,
    defaultValue: initial,
    autocapitalize: 'none',
    spellcheck: false,
    'data-testid': name,
    'aria-describedby': `${hint === undefined ? '' : `${id}-hint `}${id}-error`,
    'aria-invalid': error !== undefined,
  } as const;
  const input =
    type === 'lines' ? (
      <textarea {...attributes} rows={3} />
    ) : (
      <input {...attributes} {...inputTypes[isRevealed.value ? 'text' : type]} />
    );
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'password' ? (
        <div class="with-reveal">
          {input}
          <button
            type="button"
            class="reveal"
            aria-label={fill(words().field.showField, { label })}
            aria-pressed={isRevealed.value}
            aria-controls={id}
            onClick={() => {
              isRevealed.value = !isRevealed.value;
            }}
          >
            {isRevealed.value ? words().field.hide : words().field.show}
          </button>
        </div>
      ) : (
        input
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p class="field-error" id={`${id}-error`} role="alert">
        {error}
      </p>
    </div>
  );
}
