import { type AccessTokenMetadata, type BackendScope, backendCalls, fail } from '@latchkey/contract';
import type { z } from 'zod';
import type { BackendFlows } from '../../flow/backend/backend-flows.ts';
import type { ServiceLogger } from '../../ops/logger.ts';
import type { BackendSocket } from './backend-socket.ts';
import type { FeedPublisher } from './feed-publisher.ts';
import { toAccess, toExchangeRequest, toGrant, toLimits, toLimitsChange, toState } from './mappers.ts';
import { createPresenceWriter } from './presence.ts';
import type { PresenceLists } from './presence-lists.ts';
import * as schema from './schema.ts';
import { createSubscriptions } from './subscriptions.ts';

/** One row: what the call is named, who may make it, what it takes, and what it answers. */
export interface BackendCall {
  readonly name: string;
  readonly scope: BackendScope;
  readonly input: z.ZodType;
  /** What the acknowledgement says; a function is called at the very moment of the answer. */
  readonly run: (socket: BackendSocket, input: never) => Promise<unknown>;
}

function row<S extends z.ZodType>(
  name: string,
  scope: BackendScope,
  input: S,
  run: (socket: BackendSocket, input: z.output<S>) => Promise<unknown>,
): BackendCall {
  return { name, scope, input, run };
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
  const {
    exchange,
    confirm,
    refresh,
    logout,
    sessions,
    presence,
    presenceList,
    activity,
    tenantGet,
    tenantSet,
    introspect,
    subscribe,
  } = backendCalls;
  return [
    row(exchange, 'relay', schema.exchangeInput, async (socket, wire) => {
      const request = toExchangeRequest(wire, () => socket.disconnected);
      return toGrant(await flows.exchange(socket.data, request));
    }),
    row(confirm, 'relay', schema.confirmInput, async ({ data }, { sid, gen }) => {
      await flows.confirm(data, sid, gen);
      return null;
    }),
    row(refresh, 'relay', schema.refreshInput, async ({ data }, { sid, admin = false, scope }) => {
      if (admin) throw fail('forbidden', { message: 'There are no access tokens for administration here.' });
      return toAccess(await flows.refresh(data, sid, { scope }));
    }),
    row(logout, 'relay', schema.logoutInput, ({ data }, { sid, scope = 'session' }) => flows.logout(data, sid, scope)),
    row(sessions, 'relay', schema.sessionsInput, async ({ data }, { sids }) => {
      return { sessions: (await flows.inspect(data, sids)).map(toState) };
    }),
    row(presence, 'relay', schema.presenceInput, createPresenceWriter({ flows, log })),
    row(activity, 'relay', schema.activityInput, async ({ data }, { sids }) => {
      await flows.activity(data, sids);
      return null;
    }),
    row(tenantGet, 'limits', schema.tenantGetInput, async ({ data }, { tenant_id }) =>
      toLimits(await flows.tenant(data.backend, tenant_id)),
    ),
    row(tenantSet, 'limits', schema.tenantSetInput, async ({ data }, { tenant_id, ...change }) =>
      toLimits(await flows.setTenantLimits(data.backend, tenant_id, toLimitsChange(change))),
    ),
    row(introspect, 'introspect', schema.introspectInput, ({ data }, { token }) =>
      flows.introspect(data.backend, token),
    ),
    // A function, so that what is pushed next follows on this very answer.
    row(subscribe, 'feed', schema.subscribeInput, async (socket, asked) => () => subscriptions(socket, asked)),
    row(presenceList, 'feed', schema.presenceListInput, (socket, { first = false }) =>
      presenceLists.page(socket, { first }),
    ),
  ];
}
