import {
  type AsyncApi,
  dereference,
  messageOf,
  type OpenApi,
  type Operation,
  type Response,
  type ShownSchema,
} from './documents.ts';

/** A titled part of an entry: parameters, a body, an answer. */
interface Part {
  readonly title: string;
  readonly text?: string;
  readonly schema?: ShownSchema;
}

/** An operation of HTTP, or an event of a socket. */
export interface Entry {
  /** Also the fragment of its address. */
  readonly id: string;
  /** The method, or who sends the event. */
  readonly kind: string;
  /** The path, or the event. */
  readonly name: string;
  readonly summary: string;
  readonly parts: readonly Part[];
}

export interface Section {
  readonly title: string;
  readonly description: string;
  readonly entries: readonly Entry[];
}

/** The operations of a document by tag. */
export function httpSections(document: OpenApi): readonly Section[] {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ tags: operation.tags, entry: toEntry(path, method) })),
  );
  function toEntry(path: string, method: string): Entry {
    const operation = document.paths[path]![method]!;
    const kind = method.toUpperCase();
    return {
      id: `${kind} ${path}`,
      kind,
      name: path,
      summary: operation.summary,
      parts: httpParts(document, operation),
    };
  }
  return document.tags.map(({ name, description }) => ({
    title: name,
    description,
    entries: entries.filter(({ tags }) => tags.includes(name)).map(({ entry }) => entry),
  }));
}

function httpParts(document: OpenApi, operation: Operation): Part[] {
  const schemes = operation.security.map((one) => Object.keys(one)[0] ?? 'id and secret in the body');
  const parameters = operation.parameters ?? [];
  const body = operation.requestBody;
  const responses = Object.entries(operation.responses).map(([status, response]) =>
    toAnswer(status, dereference<Response>(document, response)),
  );
  return [
    ...(schemes.length === 0 ? [] : [{ title: 'Security', text: schemes.map((one) => `\`${one}\``).join(' or ') }]),
    ...(parameters.length === 0 ? [] : [{ title: 'Parameters', schema: toObject(parameters) }]),
    ...(body === undefined ? [] : [{ title: 'Body', text: mediaTypes(body.content), ...schemaOf(body.content) }]),
    ...responses,
  ];
}

/** Parameters as the members of an object, each with its place. */
function toObject(parameters: NonNullable<Operation['parameters']>): ShownSchema {
  const describe = (place: string, text = '') => (text === '' ? `In the ${place}.` : `In the ${place}. ${text}`);
  return {
    type: 'object',
    properties: Object.fromEntries(
      parameters.map(({ name, in: place, description, schema }) => [
        name,
        { ...schema, description: describe(place, description ?? schema.description) },
      ]),
    ),
    required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
  };
}

type Content = NonNullable<Response['content']>;

const mediaTypes = (content: Content): string =>
  Object.keys(content)
    .map((type) => `\`${type}\``)
    .join(' or ');

function schemaOf(content: Content): { schema?: ShownSchema } {
  const [first] = Object.values(content);
  return first?.schema === undefined ? {} : { schema: first.schema };
}

function toAnswer(status: string, { description, headers = {}, content = {} }: Response): Part {
  const named = Object.keys(headers).map((name) => `\`${name}\``);
  const sent = named.length === 0 ? [] : [`Headers: ${named.join(', ')}`];
  const text = [description, ...sent, mediaTypes(content)].join('\n\n');
  return { title: status, text, ...schemaOf(content) };
}

/** The events of a document by channel. */
export function socketSections(document: AsyncApi): readonly Section[] {
  return Object.entries(document.channels).map(([channel, { title, description, address }]) => ({
    title,
    description: `${description} Namespace \`${address}\`.`,
    entries: Object.entries(document.operations)
      .filter(([name]) => name.startsWith(`${channel}.`))
      .map(([id, { action, summary, messages, reply }]) => ({
        id,
        kind: action === 'receive' ? 'client' : 'server',
        name: id.slice(channel.length + 1),
        summary,
        parts: [
          ...messages.map((message) => ({ title: 'Payload', schema: messageOf(document, message).payload })),
          ...(reply?.messages ?? []).map((message) => ({
            title: 'Acknowledgement',
            schema: messageOf(document, message).payload,
          })),
        ],
      })),
  }));
}

/** The sections with only the entries whose name or summary has the text. */
export function filterSections(sections: readonly Section[], text: string): readonly Section[] {
  const wanted = text.trim().toLowerCase();
  const fits = ({ kind, name, summary }: Entry) => `${kind} ${name} ${summary}`.toLowerCase().includes(wanted);
  return sections
    .map((section) => ({ ...section, entries: section.entries.filter(fits) }))
    .filter(({ entries }) => entries.length > 0);
}
