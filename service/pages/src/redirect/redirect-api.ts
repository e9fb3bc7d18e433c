import {
  type CodeResponse,
  Failure,
  fail,
  type LoginBody,
  paths,
  type SignInRequest,
  type SignInRequestResponse,
} from '@latchkey/contract';
import { responseToFailure } from '../platform/json-client.ts';

/** What the sign-in page asks of the service on behalf of an app. Every rejection is a `Failure`. */
export interface RedirectApi {
  /**
   * Validates the app's request in the address of this page. Rejects with `invalid_request` and the invalid parameters.
   */
  describe(search: string): Promise<SignInRequestResponse>;
  /** The URL to return to, with the code in the fragment. Rejects as `POST /login` and `/register` do. */
  signIn(
    kind: 'login' | 'register',
    who: Pick<LoginBody, 'email' | 'password'>,
    request: SignInRequest,
  ): Promise<string>;
}

export function createRedirectApi(fetch: typeof globalThis.fetch, origin: string): RedirectApi {
  const fetchJson = async <Answer>(path: string, init: RequestInit = {}): Promise<Answer> => {
    try {
      const response = await fetch(new URL(path, origin), { ...init, credentials: 'omit', cache: 'no-store' });
      if (!response.ok) throw await responseToFailure(response);
      return (await response.json()) as Answer;
    } catch (cause) {
      throw cause instanceof Failure ? cause : fail('unavailable', { cause });
    }
  };
  return Object.freeze({
    describe: (search: string) => fetchJson<SignInRequestResponse>(`${paths.signInRequest}${search}`),
    async signIn(kind: 'login' | 'register', who: Pick<LoginBody, 'email' | 'password'>, request: SignInRequest) {
      const answer = await fetchJson<CodeResponse>(paths[kind], {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...who, ...request }),
      });
      if (!('url' in answer)) throw fail('internal_error', { detail: 'The answer holds no URL.' });
      return answer.url;
    },
  });
}
