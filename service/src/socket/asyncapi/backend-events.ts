import type { BackendToServiceEvents, ServiceToBackendEvents } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import { callScopes } from '../backend/call-scopes.ts';
import type { EventTable, SocketEvent } from './event-table.ts';

const callSummaries = {
  exchange: 'Relays `authenticate` of a browser',
  confirm: 'Reports that the browser has stored the token',
  refresh: 'Asks for a new access token of a session',
  logout: 'Ends sessions for a user',
  sessions: 'Asks for the state of sessions',
  presence: 'Reports how many sockets each session has at this server',
  activity: 'Reports sessions whose users are active',
  tenant_get: 'Returns the limits of a tenant',
  tenant_set: 'Sets the limits of a tenant',
  introspect: 'Returns the state and the claims of a token (RFC 7662)',
  subscribe: 'Asks for the revocation list from a cursor on, and for what follows',
  presence_list: 'Asks for a page of the sessions with sockets, and for changes',
} as const satisfies Record<keyof BackendToServiceEvents, string>;

type Call = keyof BackendToServiceEvents;

/** Of backends, on namespace `/backend`. Each call needs a scope of the backend. */
export const backendCallEvents = Object.fromEntries(
  (Object.keys(callSummaries) as Call[]).map((name): [string, SocketEvent] => [
    name,
    {
      summary: `${callSummaries[name]}. Scope \`${callScopes[name]}\``,
      payload: schemas.backendPayloadSchemas[name],
      answer: schemas.backendDataSchemas[name],
    },
  ]),
);

export const backendPushEvents = {
  blacklist: { summary: 'Sessions that have ended', payload: schemas.revocationBatchSchema },
  heartbeat: { summary: 'The end of the revocation list, and the time', payload: schemas.heartbeatSchema },
  user_session: {
    summary: 'Changes of presence. Only after `presence_list`',
    payload: z.array(schemas.presenceChangeSchema),
  },
  presence_gap: { summary: 'Changes were dropped: ask for the list again' },
  tenant_changed: {
    summary: 'The limits of a tenant were set',
    payload: schemas.backendDataSchemas.tenant_get,
  },
  keys_changed: { summary: 'Read the key set again' },
  server_drain: {
    summary: 'The node stops. The backend reconnects after this time',
    payload: z.object({ reconnect_after_ms: z.number() }),
  },
} satisfies EventTable<ServiceToBackendEvents>;
