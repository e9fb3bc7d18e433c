import type { z } from 'zod';
import type { JsonSchema } from '../../base/json-schema.ts';
import type { Channel } from './channels.ts';
import type { SocketEvent } from './event-table.ts';

type ToSchema = (schema: z.ZodType) => JsonSchema;

/** Every schema of a channel. */
export function schemasOf({ handshake, client, server }: Channel): z.ZodType[] {
  const events = [...Object.values(client), ...Object.values(server)];
  const schemas = [handshake?.payload, ...events.flatMap(({ payload, answer }) => [payload, answer])];
  return schemas.filter((schema) => schema !== undefined);
}

const errorSchema = { $ref: '#/components/schemas/WireError' };

const noPayload = { type: 'null', description: 'No argument.' };

function toAck(answer: z.ZodType | undefined, toSchema: ToSchema): object {
  if (answer === undefined) return noPayload;
  const result = (ok: boolean, name: string, schema: JsonSchema) => ({
    type: 'object',
    required: ['ok', name],
    properties: { ok: { const: ok }, [name]: schema },
  });
  return { oneOf: [result(true, 'data', toSchema(answer)), result(false, 'error', errorSchema)] };
}

interface Message {
  readonly name: string;
  readonly summary: string;
  readonly payload: object;
}

interface Operation {
  readonly name: string;
  /** Of the service. */
  readonly action: 'receive' | 'send';
  readonly message: Message;
  readonly ack: Message | undefined;
}

function toOperation(name: string, event: SocketEvent, action: Operation['action'], toSchema: ToSchema): Operation {
  const { summary, payload, answer, isReceipt } = event;
  const hasAck = answer !== undefined || isReceipt === true;
  const ack = { name: `${name}_ack`, summary: `Acknowledgement of \`${name}\``, payload: toAck(answer, toSchema) };
  return {
    name,
    action,
    message: { name, summary, payload: payload === undefined ? noPayload : toSchema(payload) },
    ack: hasAck ? ack : undefined,
  };
}

/** `connect` is the packet of Socket.IO that opens a namespace, its payload the `auth` of the client. */
function handshakeOperations({ handshake }: Channel, toSchema: ToSchema): Operation[] {
  if (handshake === undefined) return [];
  const { payload, isRequired } = handshake;
  const summary = isRequired ? '`auth` of the handshake' : '`auth` of the handshake. It may be absent';
  const connect = { name: 'connect', summary, payload: toSchema(payload) };
  const refused = { name: 'connect_error', summary: 'The connection was refused: `error.data`', payload: errorSchema };
  return [
    { name: 'connect', action: 'receive', message: connect, ack: undefined },
    ...(isRequired ? [{ name: 'connect_error', action: 'send', message: refused, ack: undefined } as const] : []),
  ];
}

/** The Channel Object, and the entries of its Operation Objects. */
export function describeChannel(name: string, channel: Channel, toSchema: ToSchema) {
  const { title, description, address, servers, client, server } = channel;
  const operations = [
    ...handshakeOperations(channel, toSchema),
    ...Object.entries(client).map(([event, row]) => toOperation(event, row, 'receive', toSchema)),
    ...Object.entries(server).map(([event, row]) => toOperation(event, row, 'send', toSchema)),
  ];
  const messages = operations.flatMap(({ message, ack }) => (ack === undefined ? [message] : [message, ack]));
  return {
    name,
    channel: {
      address,
      title,
      description,
      servers: servers.map((one) => ({ $ref: `#/servers/${one}` })),
      messages: Object.fromEntries(messages.map((message) => [message.name, message])),
    },
    operations: operations.map(
      (operation) => [`${name}.${operation.name}`, describeOperation(name, operation)] as const,
    ),
  };
}

function describeOperation(channelName: string, { action, message, ack }: Operation): object {
  const channel = { $ref: `#/channels/${channelName}` };
  const refOf = ({ name }: Message) => ({ $ref: `#/channels/${channelName}/messages/${name}` });
  return {
    action,
    channel,
    summary: message.summary,
    messages: [refOf(message)],
    ...(ack === undefined ? {} : { reply: { channel, messages: [refOf(ack)] } }),
  };
}
