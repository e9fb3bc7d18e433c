export type { AnyApi, ApiClient } from './api-client.ts';
export { apiOf } from './api-of.ts';
export type { CallOptions } from './pending-call.ts';
