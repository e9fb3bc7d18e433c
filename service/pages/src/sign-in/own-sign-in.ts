import type { Session } from '@latchkey/sdk-browser';
import { prepareSignIn } from '@latchkey/sdk-browser/redirect';
import { createPostSignIn, noCode, type PostSignIn } from './post-sign-in.ts';

/** Signs in on the service's own pages. */
export function createOwnSignIn(session: Session, fetch: typeof globalThis.fetch, origin: string): PostSignIn {
  return createPostSignIn(fetch, origin, async () => {
    const { request, redeem } = await prepareSignIn(session);
    return {
      request,
      async complete(answer) {
        if (!('code' in answer)) throw noCode();
        await redeem(answer);
      },
    };
  });
}
