import type { WarnOnce } from '../platform/warn-once.ts';
import { challengeForRealm } from '../proof/challenge.ts';
import type { Prover } from '../proof/prover.ts';
import type { AccessTokenStore } from '../tokens/access-token-store.ts';
import { sendCredential } from './send-credential.ts';

interface SessionFetchDeps {
  /** Base of relative URLs where there is no page. */
  readonly url: string;
  /** Origins that may receive the access token. */
  readonly origins: ReadonlySet<string>;
  readonly access: Pick<AccessTokenStore, 'getValid'>;
  readonly prover?: Pick<Prover, 'send'> | undefined;
  readonly isSignedIn: () => boolean | Promise<boolean>;
  /** Gets a new access token. */
  readonly renew: () => Promise<void>;
  /** Receives a warning when a request to an unlisted origin may have been meant to carry the token. */
  readonly warnOnce?: WarnOnce;
  readonly fetch?: typeof globalThis.fetch;
}

type Input = RequestInfo | URL;

/** True for a `Request`, also for one of another window, which is not an instance of this window's class. */
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input;
}

/** Resolves a URL as `fetch` does at this time: relative to `<base>` or the address of the page, which may change. */
function resolveUrl(input: Input, base: string): URL {
  const page = globalThis.document?.baseURI ?? globalThis.location?.href;
  return new URL(isRequest(input) ? input.url : input, page ?? base);
}

/** Returns the members of a request, as `fetch` takes them from its two arguments. */
function membersOf(input: Input, init: RequestInit = {}) {
  const request: Partial<Request> = isRequest(input) ? input : {};
  const { method = request.method ?? 'GET', headers = request.headers, signal = request.signal ?? null } = init;
  return { method: method.toUpperCase(), headers: new Headers(headers), signal };
}

/**
 * True if a request can be sent again. A stream, also the body of a `Request`, can be sent once. Some browsers, such as Firefox,
 * do not expose the body of a `Request`, so its method decides there.
 */
function isRepeatable(input: Input, init: RequestInit | undefined): boolean {
  const body = init?.body ?? undefined;
  if (body !== undefined) return !(body instanceof ReadableStream || Symbol.asyncIterator in Object(body));
  return !isRequest(input) || input.body === null || ['GET', 'HEAD'].includes(membersOf(input, init).method);
}

/** Waits for `work`. Rejects with the reason of the signal when it is aborted before. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | null): Promise<void> {
  signal?.throwIfAborted();
  if (signal === null) return work;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

/** Creates a `fetch` that sends the access token to the listed origins only. */
export function createSessionFetch(deps: SessionFetchDeps): typeof globalThis.fetch {
  const { access, origins, prover, warnOnce = () => {}, fetch = globalThis.fetch } = deps;

  const isListed = (input: Input): boolean => origins.has(resolveUrl(input, deps.url).origin);
  const send = (input: Input, init: RequestInit | undefined, token: string): Promise<Response> => {
    const url = resolveUrl(input, deps.url).href;
    const request = { method: membersOf(input, init).method, url, token, mayRepeat: isRepeatable(input, init) };
    return sendCredential(prover, request, (credential) => {
      const { headers } = membersOf(input, init);
      for (const [name, value] of Object.entries(credential)) headers.set(name, value);
      return fetch(input, { ...init, headers });
    });
  };
  const freshToken = async (input: Input, init: RequestInit | undefined): Promise<string | undefined> => {
    if (access.getValid() === undefined && (await deps.isSignedIn())) {
      await unlessAborted(deps.renew(), membersOf(input, init).signal);
    }
    return access.getValid();
  };
  /** True for `invalid_token` (RFC 6750 §3.1) of a listed origin. A redirect may have led to another origin. */
  const isStale = (response: Response): boolean =>
    challengeForRealm(response)?.parameters.error === 'invalid_token' &&
    (response.url === '' || isListed(response.url));
  const again = async (input: Input, init: RequestInit | undefined, old: string): Promise<Response | undefined> => {
    const { signal } = membersOf(input, init);
    // The old token is kept until there is a new one, because an API that rejects it must not affect the other APIs.
    if ((access.getValid() ?? old) === old) await unlessAborted(deps.renew(), signal).catch(() => {});
    signal?.throwIfAborted();
    const token = access.getValid();
    return token === undefined || token === old ? undefined : send(input, init, token);
  };
  /** Sends a request to an unlisted origin without the token, and warns, because an omission in `apis` causes no error. */
  const fetchUnlisted: typeof fetch = async (input, init) => {
    const { origin } = resolveUrl(input, deps.url);
    const isMistakable = origin.startsWith('http') && access.getValid() !== undefined;
    if (isMistakable) warnOnce(origin, `fetch sends no access token to ${origin}, which is not in apis.`);
    const response = await fetch(input, init);
    if (isMistakable && response.status === 401)
      warnOnce(`${origin} 401`, `${origin} answers 401. Add it to apis if it may receive the access token.`);
    return response;
  };
  return async (input, init) => {
    if (membersOf(input, init).headers.has('authorization')) return fetch(input, init);
    if (!isListed(input)) return fetchUnlisted(input, init);
    const token = await freshToken(input, init);
    if (token === undefined) return fetch(input, init);
    const response = await send(input, init, token);
    if (!isStale(response) || !isRepeatable(input, init)) return response;
    const second = await again(input, init, token);
    if (second !== undefined) await response.body?.cancel();
    return second ?? response;
  };
}
