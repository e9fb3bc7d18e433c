import { backendNamespace } from '@latchkey/contract';
import { authenticatePayloadSchema, backendHandshakeSchema } from '@latchkey/contract/schemas';
import type { z } from 'zod';
import { backendCallEvents, backendPushEvents } from './backend-events.ts';
import {
  browserClientEvents,
  browserServerEvents,
  operatorClientEvents,
  operatorServerEvents,
  usersClientEvents,
  usersServerEvents,
} from './browser-events.ts';
import type { SocketEvent } from './event-table.ts';

/** The events of one kind of client on one namespace. */
export interface Channel {
  readonly title: string;
  readonly description: string;
  /** The namespace of Socket.IO. */
  readonly address: string;
  /** Where it is served: by the service, by servers of apps with sdk-server, or by both. */
  readonly servers: readonly ('service' | 'app')[];
  /** `auth` of the handshake, and whether a connection needs it. */
  readonly handshake?: { readonly payload: z.ZodType; readonly isRequired: boolean };
  readonly client: Readonly<Record<string, SocketEvent>>;
  readonly server: Readonly<Record<string, SocketEvent>>;
}

/** Every channel, by its name in the document. */
export const channels: Readonly<Record<string, Channel>> = {
  browsers: {
    title: 'Browsers',
    description: 'Sign-in, tokens and the end of a session. Other events are for authenticated sockets only.',
    address: '/',
    servers: ['service', 'app'],
    handshake: { payload: authenticatePayloadSchema, isRequired: false },
    client: browserClientEvents,
    server: browserServerEvents,
  },
  operators: {
    title: 'Operators',
    description: 'Live changes of presence, on sockets of operators that are authenticated.',
    address: '/',
    servers: ['service'],
    client: operatorClientEvents,
    server: operatorServerEvents,
  },
  users: {
    title: 'Online users',
    description: 'The online users of a tenant, on authenticated sockets, if the app allows it.',
    address: '/',
    servers: ['app'],
    client: usersClientEvents,
    server: usersServerEvents,
  },
  backends: {
    title: 'Backends',
    description: 'The connection of an app’s server with its id and secret.',
    address: backendNamespace,
    servers: ['service'],
    handshake: { payload: backendHandshakeSchema, isRequired: true },
    client: backendCallEvents,
    server: backendPushEvents,
  },
};
