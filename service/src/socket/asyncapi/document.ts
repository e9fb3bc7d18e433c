import * as contractSchemas from '@latchkey/contract/schemas';
import { type JsonSchema, keepReferenced, namedSchemas, toJsonSchemas } from '../../base/json-schema.ts';
import { readPackageVersion } from '../../base/package-version.ts';
import { type Channel, channels } from './channels.ts';
import { describeChannel, schemasOf } from './operations.ts';

/** An AsyncAPI document, as far as the service itself reads it. */
interface AsyncApiDocument {
  readonly asyncapi: string;
  readonly [member: string]: unknown;
}

/**
 * Returns the AsyncAPI 3.0 document of the sockets, as the service serves it at `/asyncapi.json`. An operation that the
 * service receives is an event of a client.
 *
 * @param config `publicUrl`: origin of the service
 * @example
 * const document = describeSockets({ publicUrl: 'https://id.example.com' });
 */
export function describeSockets({ publicUrl }: { readonly publicUrl: string }): AsyncApiDocument {
  const all = Object.values<Channel>(channels);
  const { components, of } = toJsonSchemas(namedSchemas(contractSchemas), all.flatMap(schemasOf), {
    direction: 'input',
    target: 'draft-7',
  });
  const described = Object.entries(channels).map(([name, channel]) => describeChannel(name, channel, of));
  const content = {
    channels: Object.fromEntries(described.map(({ name, channel }) => [name, channel])),
    operations: Object.fromEntries(described.flatMap(({ operations }) => operations)),
  };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Latchkey sockets',
      version: readPackageVersion(),
      description,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: describeServers(new URL(publicUrl)),
    ...content,
    components: keepReferenced({ schemas: components as Readonly<Record<string, JsonSchema>> }, content),
  };
}

const description = [
  'Events of Socket.IO 4 (Engine.IO protocol 4). The address of a channel is the namespace, the payload is the first argument',
  'of the event, and a reply is the acknowledgement. The document of HTTP is `/openapi.json`.',
].join('\n');

function describeServers({ host, protocol }: URL): object {
  const pathname = '/socket.io/';
  return {
    service: { host, pathname, protocol: protocol === 'https:' ? 'wss' : 'ws', description: 'The service.' },
    app: {
      host: '{host}',
      pathname,
      protocol: 'wss',
      description: 'The server of an app, by `@latchkey/sdk-server`.',
      variables: { host: { description: 'Host and port of the app.', default: 'app.example.com' } },
    },
  };
}
