import type { PageSession } from '../open-page-session.ts';
import { createPostSignIn, noCode, type PostSignIn } from './post-sign-in.ts';

/** Signs in on the service's own pages. */
export function createOwnSignIn(
  loadSession: () => Promise<Pick<PageSession, 'prepareSignIn'>>,
  fetch: typeof globalThis.fetch,
  origin: string,
): PostSignIn {
  return createPostSignIn(fetch, origin, async () => {
    const { prepareSignIn } = await loadSession();
    const { request, redeem } = await prepareSignIn();
    return {
      request,
      async complete(answer) {
        if (!('code' in answer)) throw noCode();
        await redeem(answer);
      },
    };
  });
}
