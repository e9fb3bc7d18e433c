import { parseResponse } from '../http/http-client.ts';
import { wrapError } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { Session } from '../session/session.ts';

interface AccountClientDeps {
  readonly session: Pick<Session, 'fetch'>;
  /** Origin of the service. */
  readonly url: string;
  readonly timers: Timers;
}

const timeoutMs = 15_000;

/** Creates the function that sends a request with the access token. It rejects with a `Failure`; a network error is `unavailable`. */
export function createAccountClient({ session, url, timers }: AccountClientDeps) {
  return async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const timeout = new AbortController();
    const cancel = timers.after(timeoutMs, () => timeout.abort());
    const json =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const init: RequestInit = { method, credentials: 'omit', cache: 'no-store', signal: timeout.signal, ...json };
    try {
      return await parseResponse<Answer>(await session.fetch(url + path, init));
    } catch (cause) {
      throw wrapError(cause, 'unavailable');
    } finally {
      cancel();
    }
  };
}

/** Sends a request with the access token of a session. */
export type SendAccountRequest = ReturnType<typeof createAccountClient>;
