import type { FieldProps } from './text-field.tsx';

interface ChoiceOptions {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, words: string])[];
}

export interface SelectFieldOptions extends ChoiceOptions {
  readonly type: 'select';
  /** Default: the first one. */
  readonly selected?: string;
}

/** The value has the selected options, separated by spaces. */
export interface ChoicesFieldOptions extends ChoiceOptions {
  readonly type: 'choices';
  readonly ticked: readonly string[];
}

/** One of several. */
export function SelectField({ id, field: { name, label, options, selected } }: FieldProps<SelectFieldOptions>) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        {options.map(([value, words]) => (
          <option key={value} value={value} selected={value === selected}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Any of several. */
export function ChoicesField({ field: { name, label, options, ticked }, error }: FieldProps<ChoicesFieldOptions>) {
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      {options.map(([value, words]) => (
        <label key={value} class="choice">
          <input type="checkbox" name={name} value={value} defaultChecked={ticked.includes(value)} />
          {words}
        </label>
      ))}
      <p class="field-error" role="alert">
        {error}
      </p>
    </fieldset>
  );
}
