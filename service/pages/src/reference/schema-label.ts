import type { ShownSchema } from './documents.ts';

const bounds = [
  ['minLength', 'at least', 'characters'],
  ['maxLength', 'at most', 'characters'],
  ['minimum', 'at least', ''],
  ['maximum', 'at most', ''],
  ['minItems', 'at least', 'items'],
  ['maxItems', 'at most', 'items'],
] as const;

/** The name of the schema that a reference refers to. */
export const nameOf = ($ref: string): string => $ref.split('/').at(-1) ?? $ref;

/** What a value has to be, in one line. */
export function labelOf(schema: ShownSchema): string {
  const { $ref, type, format, pattern, enum: values } = schema;
  if ($ref !== undefined) return nameOf($ref);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' or ');
  const items = Array.isArray(schema.items) ? undefined : (schema.items as ShownSchema | undefined);
  const types = [type ?? []]
    .flat()
    .map((one) => (one === 'array' && items !== undefined ? `array of ${labelOf(items)}` : one));
  const limits = bounds.flatMap(([name, word, unit]) =>
    schema[name] === undefined ? [] : [`${word} ${schema[name].toLocaleString('en')} ${unit}`.trim()],
  );
  return [types.join(' or '), format, ...limits, pattern]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
}

/** The schemas of which a value has one. */
export const choicesOf = ({ anyOf, oneOf }: ShownSchema): readonly ShownSchema[] => anyOf ?? oneOf ?? [];

/** The schema of the items of a list, if all have one. */
export const itemsOf = ({ items }: ShownSchema): ShownSchema | undefined =>
  Array.isArray(items) ? undefined : (items as ShownSchema);
