import { type Attributes, element } from '../element.ts';

export function createButton(text: string, act: () => unknown, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', ...attributes, onclick: () => void act() }, text);
}

/** A button of a row. Its accessible name contains that of the row. */
export function createRowButton(text: string, row: string, act: () => unknown, attributes: Attributes = {}) {
  return createButton(text, act, { 'aria-label': `${text}: ${row}`, ...attributes });
}
