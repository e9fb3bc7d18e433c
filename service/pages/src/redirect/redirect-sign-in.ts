import type { SignInRequest } from '@latchkey/contract';
import { createPostSignIn, noCode, type PostSignIn } from '../sign-in/post-sign-in.ts';

/** Signs in for the app that redirected here, and returns to it with the code in the fragment. */
export function createRedirectSignIn(
  { tenant: _, ...request }: SignInRequest,
  location: Pick<Location, 'origin' | 'replace'>,
  fetch: typeof globalThis.fetch,
): PostSignIn {
  return createPostSignIn(fetch, location.origin, () => ({
    request,
    complete(answer) {
      if (!('url' in answer)) throw noCode();
      location.replace(answer.url);
    },
  }));
}
