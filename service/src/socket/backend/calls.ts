import { type AccessTokenNames, type BackendScope, backendCalls, fail } from '@latchkey/contract';
import type { z } from 'zod';
import type { BackendFlows } from '../../flow/backend/backend-flows.ts';
import type { Log } from '../../ops/log.ts';
import type { FeedDoor } from './feed.ts';
import type { LinkSocket } from './link.ts';
import { createCounting } from './presence.ts';
import type { PresenceLists } from './presence-lists.ts';
import * as schema from './schema.ts';
import { createSubscriptions } from './subscriptions.ts';
import { toAccess, toGrant, toLimits, toLimitsChange, toRequest, toState } from './wire.ts';

/** One row: what the call is named, who may make it, what it takes, and what it answers. */
export interface LinkCall {
  readonly name: string;
  readonly scope: BackendScope;
  readonly input: z.ZodType;
  /** What the acknowledgement says; a function is called at the very moment of the answer. */
  readonly run: (socket: LinkSocket, input: never) => Promise<unknown>;
}

function row<S extends z.ZodType>(
  name: string,
  scope: BackendScope,
  input: S,
  run: (socket: LinkSocket, input: z.output<S>) => Promise<unknown>,
): LinkCall {
  return { name, scope, input, run };
}

/** Every call of a backend. */
export function createCalls(deps: {
  flows: BackendFlows;
  feed: FeedDoor;
  presenceLists: PresenceLists;
  accessTokens: Required<AccessTokenNames>;
  log: Log;
}): readonly LinkCall[] {
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
    row(exchange, 'relay', schema.exchange, async (socket, wire) => {
      const request = toRequest(wire, () => socket.disconnected);
      return toGrant(await flows.exchange(socket.data, request));
    }),
    row(confirm, 'relay', schema.confirm, async ({ data }, { sid, gen }) => {
      await flows.confirm(data, sid, gen);
      return null;
    }),
    row(refresh, 'relay', schema.refresh, async ({ data }, { sid, admin = false, scope }) => {
      if (admin) throw fail('forbidden', { message: 'There are no access tokens for administration here.' });
      return toAccess(await flows.refresh(data, sid, { scope }));
    }),
    row(logout, 'relay', schema.logout, ({ data }, { sid, scope = 'session' }) => flows.logout(data, sid, scope)),
    row(sessions, 'relay', schema.sessions, async ({ data }, { sids }) => {
      return { sessions: (await flows.inspect(data, sids)).map(toState) };
    }),
    row(presence, 'relay', schema.presence, createCounting({ flows, log })),
    row(activity, 'relay', schema.activity, async ({ data }, { sids }) => {
      await flows.activity(data, sids);
      return null;
    }),
    row(tenantGet, 'limits', schema.tenantGet, async ({ data }, { tenant_id }) =>
      toLimits(await flows.tenant(data.backend, tenant_id)),
    ),
    row(tenantSet, 'limits', schema.tenantSet, async ({ data }, { tenant_id, ...change }) =>
      toLimits(await flows.setTenantLimits(data.backend, tenant_id, toLimitsChange(change))),
    ),
    row(introspect, 'introspect', schema.introspect, ({ data }, { token }) => flows.introspect(data.backend, token)),
    // A function, so that what is pushed next follows on this very answer.
    row(subscribe, 'feed', schema.subscribe, async (socket, asked) => () => subscriptions(socket, asked)),
    row(presenceList, 'feed', schema.presenceList, (socket, { first = false }) =>
      presenceLists.page(socket, { first }),
    ),
  ];
}
