import type { BackendScope, BackendToServiceEvents } from '@latchkey/contract';

/** The scope that a backend needs for each call. */
export const callScopes = {
  exchange: 'relay',
  confirm: 'relay',
  refresh: 'relay',
  logout: 'relay',
  sessions: 'relay',
  presence: 'relay',
  activity: 'relay',
  tenant_get: 'limits',
  tenant_set: 'limits',
  introspect: 'introspect',
  subscribe: 'feed',
  presence_list: 'feed',
} as const satisfies Record<keyof BackendToServiceEvents, BackendScope>;
