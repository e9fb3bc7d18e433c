import { Failure, fail, isErrorCode, type Problem } from '@latchkey/contract';

/** Requests to the service; every rejection is a `Failure`. */
export interface JsonClient {
  request(path: string, init?: RequestInit): Promise<Response>;
  requestJson<Answer>(path: string, init?: RequestInit): Promise<Answer>;
}

export function createJsonClient(fetch: typeof globalThis.fetch, origin: string): JsonClient {
  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(path, origin), init).catch(throwFailure);
    if (!response.ok) throw await responseToFailure(response);
    return response;
  };
  return Object.freeze({
    request,
    requestJson: async <Answer>(path: string, init?: RequestInit): Promise<Answer> =>
      (await request(path, init)).json(),
  });
}

const timeoutMs = 20_000;

/** A `fetch` without cookies, cache and session, which gives up after a time. */
export function withoutCredentials(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init) =>
    fetch(input, { ...init, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(timeoutMs) });
}

export function jsonInit(method: 'POST' | 'PATCH' | 'PUT', body: object): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The time of the service in its answer (epoch milliseconds), or `NaN` without one. */
export function parseDateHeader(response: Response): number {
  return Date.parse(response.headers.get('date') ?? '');
}

function throwFailure(error: unknown): never {
  throw error instanceof Failure ? error : fail('unavailable', { cause: error });
}

/** The failure of an answer with an error status. */
export async function responseToFailure(response: Response): Promise<Failure> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  if (!isErrorCode(problem.code)) return fail(response.status >= 500 ? 'unavailable' : 'internal_error');
  const { code, detail, errors, retry_after_ms } = problem;
  return fail(code, { message: detail, details: errors, retryAfterMs: retry_after_ms });
}
