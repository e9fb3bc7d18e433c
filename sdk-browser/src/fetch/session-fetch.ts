import type { Access } from '../refresh/access.ts';

export interface SessionFetchNeeds {
  /** Base of relative addresses outside a page. */
  readonly url: string;
  /** Origins that may see the access token. */
  readonly origins: ReadonlySet<string>;
  readonly access: Pick<Access, 'live' | 'drop'>;
  readonly isSignedIn: () => boolean;
  /** Gets a new access token. */
  readonly renew: () => Promise<void>;
  readonly fetch?: typeof globalThis.fetch;
}

type Input = RequestInfo | URL;

function addressOf(input: Input, base: string): URL {
  return new URL(input instanceof Request ? input.url : input, base);
}

function headersOf(input: Input, init: RequestInit | undefined): Headers {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
}

/** A stream can be sent once; so can the body of a `Request`, which is one. */
function isRepeatable(input: Input, init: RequestInit | undefined): boolean {
  if (init?.body instanceof ReadableStream) return false;
  if (init?.body !== undefined && init.body !== null) return true;
  return !(input instanceof Request) || input.method === 'GET' || input.method === 'HEAD' || input.body === null;
}

/** RFC 6750 §3.1. */
function saysInvalidToken(response: Response): boolean {
  const challenge = response.headers.get('www-authenticate') ?? '';
  return response.status === 401 && /\berror="?invalid_token\b/.test(challenge);
}

/** Waits for `work`, but not longer than the caller does. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | null | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (signal === null || signal === undefined) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

/** `fetch` with the session's access token, for the listed origins only. */
export function createSessionFetch(needs: SessionFetchNeeds): typeof globalThis.fetch {
  const { access, origins, fetch = globalThis.fetch } = needs;
  const base = typeof location === 'undefined' ? needs.url : location.href;

  const send = (input: Input, init: RequestInit | undefined, token: string): Promise<Response> => {
    const headers = headersOf(input, init);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
  const freshToken = async (input: Input, init: RequestInit | undefined): Promise<string | undefined> => {
    if (access.live() === undefined && needs.isSignedIn()) {
      await unlessAborted(needs.renew(), init?.signal ?? (input instanceof Request ? input.signal : undefined));
    }
    return access.live();
  };
  const again = async (input: Input, init: RequestInit | undefined, old: string): Promise<Response | undefined> => {
    access.drop(old);
    const token = await freshToken(input, init).catch(() => undefined);
    return token === undefined || token === old ? undefined : send(input, init, token);
  };
  return async (input, init) => {
    const isOurs = origins.has(addressOf(input, base).origin) && !headersOf(input, init).has('authorization');
    const token = isOurs ? await freshToken(input, init) : undefined;
    if (token === undefined) return fetch(input, init);
    const response = await send(input, init, token);
    if (!saysInvalidToken(response) || !isRepeatable(input, init)) return response;
    const second = await again(input, init, token);
    if (second !== undefined) await response.body?.cancel();
    return second ?? response;
  };
}
