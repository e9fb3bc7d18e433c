import {
  type CodeAnswer,
  Failure,
  fail,
  type LoginBody,
  paths,
  type SignInRequest,
  type SignInRequestAnswer,
} from '@latchkey/contract';
import { toFailure } from '../asking.ts';

/** What the sign-in page asks of the service on behalf of an app. Every rejection is a `Failure`. */
export interface RedirectApi {
  /** The app's request, as it stands in the address of this page. Rejects with `invalid_request` and what is wrong. */
  describe(search: string): Promise<SignInRequestAnswer>;
  /** Where to send the person, the code in the fragment. Rejects as `POST /login` and `/register` do. */
  enter(
    kind: 'login' | 'register',
    who: Pick<LoginBody, 'email' | 'password'>,
    request: SignInRequest,
  ): Promise<string>;
}

export function createRedirectApi(fetch: typeof globalThis.fetch, origin: string): RedirectApi {
  const ask = async <Answer>(path: string, init: RequestInit = {}): Promise<Answer> => {
    try {
      const response = await fetch(new URL(path, origin), { ...init, credentials: 'omit', cache: 'no-store' });
      if (!response.ok) throw await toFailure(response);
      return (await response.json()) as Answer;
    } catch (cause) {
      throw cause instanceof Failure ? cause : fail('unavailable', { cause });
    }
  };
  return Object.freeze({
    describe: (search: string) => ask<SignInRequestAnswer>(`${paths.signInRequest}${search}`),
    async enter(kind: 'login' | 'register', who: Pick<LoginBody, 'email' | 'password'>, request: SignInRequest) {
      const answer = await ask<CodeAnswer>(paths[kind], {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...who, ...request }),
      });
      if (!('url' in answer)) throw fail('internal_error', { detail: 'The answer holds no URL.' });
      return answer.url;
    },
  });
}
