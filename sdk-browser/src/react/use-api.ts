'use client';

import type { HasApiCalls } from '@latchkey/contract';
import type { AnyApi, ApiClient } from '../api/api-client.ts';
import { getApi } from '../api/get-api.ts';
import { useStore } from './session-provider.ts';

/**
 * Returns the client of the server's `apiRouter` of that name, the same object for each call. Throws `TypeError` outside a
 * {@link SessionProvider}, for an empty name and for an event of the protocol.
 *
 * @example
 * const bank = useApi<typeof api>('api');
 * const page = await bank.call('list', { page: 1 });
 */
export function useApi<Api extends HasApiCalls<unknown> = AnyApi>(name: string): ApiClient<Api> {
  return getApi<Api>(useStore().session, name);
}
