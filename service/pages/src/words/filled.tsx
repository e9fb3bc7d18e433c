import type { ComponentChildren } from 'preact';
import type { Placeholders } from './words.ts';

interface FilledProps<Text extends string> {
  readonly text: Text;
  readonly values: Readonly<Record<Placeholders<Text>, ComponentChildren>>;
}

/** A text whose placeholders are replaced by elements. */
export function Filled<Text extends string>({ text, values }: FilledProps<Text>) {
  const parts = text.split(/\{(\w+)\}/);
  return <>{parts.map((part, index) => (index % 2 === 0 ? part : values[part as Placeholders<Text>]))}</>;
}
