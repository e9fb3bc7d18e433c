'use client';

import type { HasApiCalls } from '@latchkey/contract';
import type { AnyApi, ApiClient } from '../api/api-client.ts';
import { getApi } from '../api/get-api.ts';
import { useStore } from './session-provider.ts';

/**
 * The typed calls of the server's `apiRouter` of that name; the same client each time. Throws `TypeError` outside a
 * {@link SessionProvider}, and for a name that the protocol uses.
 *
 * @example
 * const bank = useApi<typeof api>('api');
 * const page = await bank.call('list', { page: 1 });
 */
export function useApi<Api extends HasApiCalls<unknown> = AnyApi>(name: string): ApiClient<Api> {
  return getApi<Api>(useStore().session, name);
}
