import { useSignal } from '@preact/signals';
import { dereference, type ShownSchema } from './documents.ts';
import { Marked } from './marked.tsx';
import { choicesOf, itemsOf, labelOf, nameOf } from './schema-label.ts';

interface SchemaProps {
  readonly schema: ShownSchema;
  /** The document with the schemas that this one refers to. */
  readonly document: object;
}

/** A schema: its members, or what it has to be. A named one opens when it is asked for, because it may contain itself. */
export function SchemaView({ schema, document }: SchemaProps) {
  if (schema.$ref !== undefined) return <NamedSchema name={nameOf(schema.$ref)} schema={schema} document={document} />;
  const choices = choicesOf(schema);
  const items = itemsOf(schema);
  if (choices.length > 0) return <Choices choices={choices} document={document} />;
  if (schema.properties !== undefined) return <Members schema={schema} document={document} />;
  if (items !== undefined && hasInside(items)) return <SchemaView schema={items} document={document} />;
  return <code class="type">{labelOf(schema)}</code>;
}

const hasInside = (schema: ShownSchema): boolean =>
  schema.$ref !== undefined || schema.properties !== undefined || choicesOf(schema).length > 0;

function NamedSchema({ name, schema, document }: SchemaProps & { readonly name: string }) {
  const isOpen = useSignal(false);
  return (
    <details onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
      <summary>
        <code>{name}</code>
      </summary>
      {isOpen.value && (
        <SchemaView schema={dereference<ShownSchema>(document, schema as { $ref: string })} document={document} />
      )}
    </details>
  );
}

function Choices({ choices, document }: { readonly choices: readonly ShownSchema[]; readonly document: object }) {
  return (
    <ul class="choices">
      {choices.map((choice, at) => (
        <li key={at}>
          <SchemaView schema={choice} document={document} />
        </li>
      ))}
    </ul>
  );
}

function Members({ schema: { properties = {}, required = [] }, document }: SchemaProps) {
  const members = Object.entries(properties);
  if (members.length === 0) return <code class="type">{'{}'}</code>;
  return (
    <dl class="members">
      {members.map(([name, member]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
            {!required.includes(name) && <span class="optional">optional</span>}
          </dt>
          <dd>
            {member.description !== undefined && <Marked text={member.description} />}
            <SchemaView schema={member} document={document} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
