import { paths, type SignInRequestResponse } from '@latchkey/contract';
import { createJsonClient, withoutCredentials } from '../platform/json-client.ts';

/** Requests of the sign-in page for an app. Every rejection is a `Failure`. */
export interface RedirectApi {
  /**
   * Validates the app's request in the address of this page. Rejects with `invalid_request` and the invalid parameters.
   */
  describe(search: string): Promise<SignInRequestResponse>;
}

export function createRedirectApi(fetch: typeof globalThis.fetch, origin: string): RedirectApi {
  const { requestJson } = createJsonClient(withoutCredentials(fetch), origin);
  return Object.freeze({
    describe: (search: string) => requestJson<SignInRequestResponse>(paths.signInRequest + search),
  });
}
