import { z } from 'zod';

/** A JSON Schema: of draft 2020-12 in OpenAPI 3.1, of draft 7 in AsyncAPI 3.0. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where documents have their schemas. */
const pointer = '#/components/schemas/';

/** The schemas of a module by the names of their components: `adminTenantSchema` is `AdminTenant`. */
export function namedSchemas(module: object): Readonly<Record<string, z.ZodType>> {
  const entries = Object.entries(module).filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType);
  return Object.fromEntries(entries.map(([name, schema]) => [toComponentName(name), schema]));
}

function toComponentName(exportName: string): string {
  const name = exportName.replace(/Schema$/, '');
  return name[0]!.toUpperCase() + name.slice(1);
}

interface JsonSchemaOptions {
  readonly direction: 'input' | 'output';
  readonly target?: 'draft-2020-12' | 'draft-7';
}

interface JsonSchemas {
  /** The schemas with names, which refer to each other. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** A reference to the schema's component, or the schema itself if it has no name. */
  readonly of: (schema: z.ZodType) => JsonSchema;
}

/**
 * Converts schemas to JSON Schema. Objects that are sent may get further members, so only objects that are received refuse
 * unknown ones.
 *
 * @param named become components
 * @param unnamed are written where they are used
 * @param options.direction `input`: before defaults and conversions · `output`: after them
 * @param options.target the draft of JSON Schema. Default: 2020-12
 */
export function toJsonSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  unnamed: readonly z.ZodType[],
  { direction, target = 'draft-2020-12' }: JsonSchemaOptions,
): JsonSchemas {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  for (const [at, schema] of unnamed.entries()) if (!registry.has(schema)) registry.add(schema, { id: `.${at}` });
  const { schemas } = z.toJSONSchema(registry, {
    io: direction,
    target,
    unrepresentable: 'any',
    uri: (id) => pointer + id,
    override: (found) => simplify(found, direction),
  });
  const converted = new Map(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]));
  const isNamed = ([id]: readonly [string, JsonSchema]) => !id.startsWith('.');
  return {
    components: Object.fromEntries([...converted].filter(isNamed)),
    of(schema) {
      const { id } = registry.get(schema)!;
      return id.startsWith('.') ? converted.get(id)! : { $ref: pointer + id };
    },
  };
}

interface Found {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** Removes what says nothing to a reader or a generator. */
function simplify({ zodSchema, jsonSchema: schema }: Found, direction: 'input' | 'output'): void {
  if (direction === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
  // The format says it, in fewer characters.
  if (schema.format !== undefined || schema.type === 'integer') delete schema.pattern;
  // Never sent: an infinite time, or what replaces a value that cannot be read.
  if (zodSchema._zod.def.type === 'catch' || schema.default === null) delete schema.default;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  delete schema.propertyNames;
}

type Components = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** The components that a document refers to, directly or by others, in the order of their names. */
export function keepReferenced(components: Components, document: unknown): Components {
  const kept = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, kind, name] of JSON.stringify(value).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      const component = components[kind!]?.[name!];
      if (component === undefined || kept.has(`${kind}/${name}`)) continue;
      kept.add(`${kind}/${name}`);
      visit(component);
    }
  };
  visit(document);
  const ofKind = ([kind, all]: readonly [string, Readonly<Record<string, object>>]) => {
    const names = Object.keys(all).filter((name) => kept.has(`${kind}/${name}`));
    return [kind, Object.fromEntries(names.sort().map((name) => [name, all[name]!]))] as const;
  };
  return Object.fromEntries(Object.entries(components).map(ofKind));
}
