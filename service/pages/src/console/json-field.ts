import { Failure } from '@latchkey/contract';
import type { TextFieldOptions } from '../components/text-field.tsx';
import { words } from '../words/words.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A field for a JSON object. It shows an empty one as nothing. */
export function jsonField(
  options: Pick<TextFieldOptions, 'name' | 'label' | 'hint'>,
  initial: JsonObject = {},
): TextFieldOptions {
  const text = Object.keys(initial).length === 0 ? '' : JSON.stringify(initial, null, 2);
  return { ...options, type: 'lines', initial: text };
}

/**
 * The object of the field, `{}` for an empty text.
 *
 * @throws invalid_request the text is no JSON object. It is shown beside the field
 */
export function parseJsonField(name: string, text: string): Record<string, unknown> {
  const value = text === '' ? {} : parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  const message = words().console.jsonInvalid;
  throw new Failure('invalid_request', { message, details: [{ path: name, message }] });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
