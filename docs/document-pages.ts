/** A schema of a document: what the pages show of it. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface Content {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, unknown>>;
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Content>>;
}

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
}

/** The parts of an OpenAPI document (3.1) that its page shows. */
interface HttpDocument {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Message {
  readonly payload?: Schema;
}

interface SocketOperation {
  readonly action: 'send' | 'receive';
  readonly channel: { readonly $ref: string };
  readonly summary: string;
  readonly messages: readonly { readonly $ref: string }[];
  readonly reply?: { readonly messages: readonly { readonly $ref: string }[] };
}

/** The parts of an AsyncAPI document (3.0) that its page shows. */
interface SocketDocument {
  readonly channels: Readonly<
    Record<string, { readonly address: string; readonly title: string; readonly description: string }>
  >;
  readonly operations: Readonly<Record<string, SocketOperation>>;
}

/** Follows references until there is none. */
function resolve<T>(document: object, value: T | { readonly $ref: string }): T {
  let found: unknown = value;
  while (typeof found === 'object' && found !== null && '$ref' in found) {
    const path = String(found.$ref).slice(2).split('/');
    found = path.reduce<unknown>((parent, key) => (parent as Record<string, unknown>)[key], document);
  }
  return found as T;
}

/** `email`, `tenant?`: the members of an object; alternatives are separated by `or`. */
function membersOf(document: object, schema: Schema | undefined): string {
  if (schema === undefined) return '';
  const { properties, required = [], oneOf, anyOf } = resolve(document, schema);
  const alternatives = oneOf ?? anyOf;
  if (alternatives !== undefined)
    return alternatives
      .map((one) => membersOf(document, one))
      .filter((text) => text !== '')
      .join(' or ');
  return Object.keys(properties ?? {})
    .map((name) => `\`${name}${required.includes(name) ? '' : '?'}\``)
    .join(' ');
}

const firstSchema = (content: Readonly<Record<string, Content>> = {}) => Object.values(content)[0]?.schema;

const queryOf = ({ parameters = [] }: Operation) =>
  parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, required }) => `\`?${name}${required ? '' : '?'}\``)
    .join(' ');

const accessOf = ({ security = [] }: Operation) =>
  security.length === 0 ? 'none' : security.flatMap((scheme) => Object.keys(scheme)).join(', ');

function answersOf(document: object, { responses }: Operation): string {
  return Object.entries(responses)
    .filter(([status]) => /^[23]/.test(status))
    .map(([status, response]) => {
      const members = membersOf(document, firstSchema(resolve(document, response).content));
      return members === '' ? status : `${status} ${members}`;
    })
    .join('; ');
}

/** The codes of all refusals, without those that every route may answer. */
function codesOf(document: object, { responses }: Operation): string {
  const codes = Object.entries(responses)
    .filter(([status]) => /^4/.test(status))
    .flatMap(([, response]) => Object.values(resolve(document, response).content ?? {}))
    .flatMap(({ examples = {} }) => Object.keys(examples));
  return [...new Set(codes)].map((code) => `\`${code}\``).join(' ');
}

function operationRow(document: HttpDocument, method: string, path: string): string {
  const operation = document.paths[path]![method]!;
  const body = membersOf(document, firstSchema(operation.requestBody?.content));
  const input = [queryOf(operation), body].filter((text) => text !== '').join(' ');
  const cells = [
    `\`${method.toUpperCase()} ${path}\`<br>${operation.summary}`,
    accessOf(operation),
    input,
    answersOf(document, operation),
    codesOf(document, operation),
  ];
  return `| ${cells.join(' | ')} |`;
}

function tagSection(document: HttpDocument, { name, description }: HttpDocument['tags'][number]): string {
  const rows = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags?.includes(name))
      .map(([method]) => operationRow(document, method, path)),
  );
  return `## ${name}

${description}

| request | access | query and body | answer | refusals |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The page of all HTTP operations, from the OpenAPI document. */
export function httpOperationsPage(document: HttpDocument): string {
  return `# HTTP operations

All routes, from [openapi.json](openapi.json), which also has types, lengths and examples. [HTTP API](http-api.md) explains how to read it and what
the kinds of access are. A \`?\` marks what may be left out. Every route may also answer 429, 500 and 503.

${document.tags.map((tag) => tagSection(document, tag)).join('\n')}`;
}

function eventRow(document: SocketDocument, { action, summary, messages, reply }: SocketOperation): string {
  const payloads = messages.map((message) => membersOf(document, resolve<Message>(document, message).payload));
  const replies = (reply?.messages ?? []).map((message) =>
    membersOf(document, resolve<Message>(document, message).payload),
  );
  const name = messages[0]!.$ref.slice(messages[0]!.$ref.lastIndexOf('/') + 1);
  return `| \`${name}\` | ${action === 'receive' ? 'client' : 'server'} | ${summary} | ${payloads.join(' or ')} | ${replies.join(' or ')} |`;
}

function channelSection(document: SocketDocument, key: string): string {
  const { title, address, description } = document.channels[key]!;
  const operations = Object.values(document.operations).filter(({ channel }) => channel.$ref === `#/channels/${key}`);
  return `## ${title}

Namespace \`${address}\`. ${description}

| event | from | | payload | acknowledgement |
|---|---|---|---|---|
${operations.map((operation) => eventRow(document, operation)).join('\n')}
`;
}

/** The page of all socket events, from the AsyncAPI document. */
export function socketEventsPage(document: SocketDocument): string {
  return `# Socket events

All events, from [asyncapi.json](asyncapi.json), which also has types and lengths. [Protocol](protocol.md) explains their order. The payload is the first
argument of the event, and a \`?\` marks what may be left out.

${Object.keys(document.channels)
  .map((key) => channelSection(document, key))
  .join('\n')}`;
}
