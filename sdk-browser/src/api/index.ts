export type { AnyApi, ApiClient } from './api-client.ts';
export { getApi } from './get-api.ts';
export type { CallOptions } from './pending-call.ts';
