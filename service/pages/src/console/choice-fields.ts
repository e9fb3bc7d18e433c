import { element, setText } from '../element.ts';
import type { Field } from '../field.ts';

interface Choice {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
}

type MakeField = (prefix: string) => Field;

/** One of several: pairs of value and words. */
export function selectField({ name, label }: Choice, options: readonly (readonly [string, string])[]): MakeField {
  return (prefix) => {
    const id = `${prefix}-${name}`;
    const select = element(
      'select',
      { id, name },
      ...options.map(([value, words]) => element('option', { value }, words)),
    );
    return Object.freeze<Field>({
      name,
      node: element('div', { class: 'field' }, element('label', { for: id }, label), select),
      value: () => select.value,
      validate: () => undefined,
      showError: () => {},
      focus: () => select.focus(),
      clear() {
        select.selectedIndex = 0;
      },
    });
  };
}

/** Any of several; the value is those that are ticked, with spaces between. */
export function choicesField(
  { name, label, hint }: Choice,
  options: readonly (readonly [value: string, words: string])[],
  ticked: readonly string[],
): MakeField {
  return (prefix) => {
    const boxes = options.map(([value]) =>
      element('input', { type: 'checkbox', name, value, checked: ticked.includes(value), id: `${prefix}-${value}` }),
    );
    const error = element('p', { class: 'field-error', role: 'alert' });
    const lines = options.map(([value, words], index) =>
      element('label', { class: 'choice', for: `${prefix}-${value}` }, boxes[index], words),
    );
    return Object.freeze<Field>({
      name,
      node: element(
        'fieldset',
        { class: 'field' },
        element('legend', {}, label),
        hint === undefined ? undefined : element('p', { class: 'hint' }, hint),
        ...lines,
        error,
      ),
      value: () =>
        boxes
          .filter((box) => box.checked)
          .map((box) => box.value)
          .join(' '),
      validate: () => undefined,
      showError: (sentence) => setText(error, sentence ?? ''),
      focus: () => boxes[0]?.focus(),
      clear() {
        for (const box of boxes) box.checked = ticked.includes(box.value);
      },
    });
  };
}
