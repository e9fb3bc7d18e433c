import { type AccessTokenMetadata, type BackendScope, type BackendToServiceEvents, fail } from '@latchkey/contract';
import { type BackendCallData, type BackendCallPayload, backendPayloadSchemas } from '@latchkey/contract/schemas';
import type { z } from 'zod';
import type { BackendFlows } from '../../flow/flows.ts';
import type { ServiceLogger } from '../../ops/logger.ts';
import type { BackendSocket } from './backend-socket.ts';
import { callScopes } from './call-scopes.ts';
import type { FeedPublisher } from './feed-publisher.ts';
import {
  toBackendAccessGrant,
  toBackendGrant,
  toExchangeRequest,
  toLimits,
  toLimitsChange,
  toState,
} from './mappers.ts';
import { createPresenceWriter } from './presence.ts';
import type { PresenceLists } from './presence-lists.ts';
import { createSubscriptions } from './subscriptions.ts';

/** One row: what the call is named, who may make it, what it takes, and what it answers. */
export interface BackendCall {
  readonly name: string;
  readonly scope: BackendScope;
  readonly input: z.ZodType;
  /** What the acknowledgement says; a function is called at the very moment of the answer. */
  readonly run: (socket: BackendSocket, input: never) => Promise<unknown>;
}

type Name = keyof BackendToServiceEvents;

function row<K extends Name>(
  name: K,
  run: (
    socket: BackendSocket,
    input: BackendCallPayload<K>,
  ) => Promise<BackendCallData<K> | (() => BackendCallData<K>)>,
): BackendCall {
  return { name, scope: callScopes[name], input: backendPayloadSchemas[name], run };
}

/** Every call of a backend. */
export function createBackendCalls(deps: {
  flows: BackendFlows;
  feed: FeedPublisher;
  presenceLists: PresenceLists;
  accessTokens: Required<AccessTokenMetadata>;
  log: ServiceLogger;
}): readonly BackendCall[] {
  const { flows, feed, presenceLists, accessTokens, log } = deps;
  const subscriptions = createSubscriptions({ feed, accessTokens, tenantsSeq: flows.tenantsSeq });
  return [
    row('exchange', async (socket, wire) => {
      const request = toExchangeRequest(wire, () => socket.disconnected);
      return toBackendGrant(await flows.exchange(socket.data, request));
    }),
    row('confirm', async ({ data }, { sid, gen }) => {
      await flows.confirm(data, sid, gen);
      return null;
    }),
    row('refresh', async ({ data }, { sid, admin = false, scope }) => {
      if (admin) throw fail('forbidden', { message: 'There are no access tokens for administration here.' });
      return toBackendAccessGrant(await flows.refresh(data, sid, { scope }));
    }),
    row('logout', ({ data }, { sid, scope = 'session' }) => flows.logout(data, sid, scope)),
    row('sessions', async ({ data }, { sids }) => {
      return { sessions: (await flows.inspect(data, sids)).map(toState) };
    }),
    row('presence', createPresenceWriter({ flows, log })),
    row('activity', async ({ data }, { sids }) => {
      await flows.activity(data, sids);
      return null;
    }),
    row('tenant_get', async ({ data }, { tenant_id }) =>
      toLimits(await flows.getTenantLimits(data.backend, tenant_id)),
    ),
    row('tenant_set', async ({ data }, { tenant_id, ...change }) =>
      toLimits(await flows.setTenantLimits(data.backend, tenant_id, toLimitsChange(change))),
    ),
    row('introspect', ({ data }, { token }) => flows.introspect(data.backend, token)),
    // A function, so that what is pushed next follows on this very answer.
    row('subscribe', async (socket, request) => () => subscriptions(socket, request)),
    row('presence_list', (socket, { first = false }) => presenceLists.page(socket, { first })),
  ];
}
