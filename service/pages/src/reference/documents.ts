/** A JSON Schema, with the members that the page shows. */
export interface ShownSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ShownSchema | readonly ShownSchema[];
  readonly prefixItems?: readonly ShownSchema[];
  readonly properties?: Readonly<Record<string, ShownSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly ShownSchema[];
  readonly oneOf?: readonly ShownSchema[];
}

interface Reference {
  readonly $ref: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: ShownSchema;
}

type Content = Readonly<Record<string, { readonly schema?: ShownSchema }>>;

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Content;
}

export interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

/** `/openapi.json`. */
export interface OpenApi {
  readonly info: { readonly description: string; readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Message {
  readonly payload: ShownSchema;
}

/** `/asyncapi.json`. */
export interface AsyncApi {
  readonly info: { readonly description: string; readonly version: string };
  readonly channels: Readonly<
    Record<string, { readonly title: string; readonly description: string; readonly address: string }>
  >;
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly action: 'receive' | 'send';
        readonly summary: string;
        readonly messages: readonly Reference[];
        readonly reply?: { readonly messages: readonly Reference[] };
      }
    >
  >;
}

/** What a local reference of a document refers to. @throws Error there is none */
function resolve<Value>(document: object, { $ref }: Reference): Value {
  const steps = $ref.slice('#/'.length).split('/');
  const found = steps.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | undefined)?.[step],
    document,
  );
  if (found === undefined) throw new Error(`The document has no ${$ref}`);
  return found as Value;
}

/** A message of an event. */
export const messageOf = (document: AsyncApi, reference: Reference): Message => resolve<Message>(document, reference);

/** The value itself, or what it refers to. */
export function dereference<Value extends object>(document: object, value: Value | Reference): Value {
  return '$ref' in value ? resolve<Value>(document, value) : value;
}
