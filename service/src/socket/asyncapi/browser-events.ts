import type {
  AdminClientEvents,
  AdminServerEvents,
  ClientToServerEvents,
  ServerToClientEvents,
  UsersClientEvents,
  UsersServerEvents,
} from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { EventTable } from './event-table.ts';

/** Of browsers, on namespace `/`. */
export const browserClientEvents = {
  authenticate: {
    summary: 'Redeems a code, or rotates a session token. Also as `auth` of the handshake',
    payload: schemas.authenticatePayloadSchema,
  },
  refresh: {
    summary: 'Asks for a new access token. The session token stays',
    payload: schemas.refreshPayloadSchema,
    answer: schemas.refreshedSchema,
  },
  activity: { summary: 'Reports that the user is active', payload: schemas.activityPayloadSchema },
  logout: {
    summary: 'Ends the session, its others, or all. The session token may be sent in place of the payload',
    payload: z.union([schemas.logoutPayloadSchema, schemas.credentialSchema]),
    answer: schemas.endedSessionsSchema,
  },
} satisfies EventTable<ClientToServerEvents>;

export const browserServerEvents = {
  authenticated: {
    summary: 'The socket is signed in. Acknowledged once the client has stored the token',
    payload: schemas.authenticatedSchema,
    isReceipt: true,
  },
  unauthorized: { summary: 'The socket was refused or signed out', payload: schemas.wireErrorSchema },
  logged_out: { summary: 'The session has ended', payload: schemas.loggedOutSchema },
  session_expiring: { summary: 'The session ends soon', payload: schemas.sessionExpiringSchema },
  server_drain: {
    summary: 'The server stops. The client reconnects after this time',
    payload: z.object({ reconnect_after_ms: z.number() }),
  },
} satisfies EventTable<ServerToClientEvents>;

/** Of operators, on signed-in sockets of the service. */
export const operatorClientEvents = {
  admin_subscribe: {
    summary: 'Asks for changes of presence until the admin token expires',
    payload: schemas.adminSubscribeSchema,
    answer: schemas.adminSubscribedSchema,
  },
} satisfies EventTable<AdminClientEvents>;

export const operatorServerEvents = {
  admin_update: { summary: 'What changed since the last update', payload: schemas.adminPresenceUpdateSchema },
  admin_unsubscribed: { summary: 'The updates have stopped', payload: schemas.wireErrorSchema },
} satisfies EventTable<AdminServerEvents>;

/** Of clients that follow who is online, on signed-in sockets of an app's server. */
export const usersClientEvents = {
  users_subscribe: {
    summary: 'Asks for a page of the online users, and for changes',
    payload: schemas.usersSubscribeSchema,
    answer: schemas.usersSubscribedSchema,
  },
  users_unsubscribe: { summary: 'Asks for no further changes' },
} satisfies EventTable<UsersClientEvents>;

export const usersServerEvents = {
  users_changed: { summary: 'Users came online, changed, or went offline', payload: schemas.usersChangedSchema },
  users_unsubscribed: { summary: 'No further changes follow', payload: schemas.wireErrorSchema },
} satisfies EventTable<UsersServerEvents>;
