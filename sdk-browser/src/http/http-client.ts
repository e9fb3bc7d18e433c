import { type ErrorCode, type Failure, isTransientStatus, type WithDatabaseTime } from '@latchkey/contract';
import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import { fail, looksLikeErrorCode, toFailure, wrapError } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import type { Prover } from '../proof/prover.ts';
import { servicePaths } from './paths.ts';
import { sendCredential } from './send-credential.ts';

interface HttpClientDeps {
  readonly url: string;
  readonly timers: Timers;
  /** Receives the time of each answer and refusal. */
  readonly databaseClock?: Pick<DatabaseClockEstimate, 'learn'> | undefined;
  readonly prover?: Pick<Prover, 'send'> | undefined;
  readonly warnOnce?: WarnOnce | undefined;
  readonly fetch?: typeof globalThis.fetch;
}

const timeoutMs = 15_000;

/** Codes for the errors of RFC 6749 §5.2 in a body without `code`. For other errors the status decides. */
const oauthErrors: Readonly<Record<string, ErrorCode>> = {
  invalid_grant: 'session_revoked',
  invalid_dpop_proof: 'proof_invalid',
  use_dpop_nonce: 'use_dpop_nonce',
};

const statusCodes: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  408: 'request_timeout',
  429: 'rate_limited',
};

interface ErrorBody {
  readonly code?: unknown;
  readonly error?: unknown;
  readonly detail?: unknown;
  readonly error_description?: unknown;
  readonly title?: unknown;
  readonly request_id?: unknown;
  readonly retry_after_ms?: unknown;
  readonly now?: unknown;
  readonly errors?: unknown;
}

function codeOf(status: number, { code, error }: ErrorBody): ErrorCode {
  if (looksLikeErrorCode(code)) return code;
  const oauth = typeof error === 'string' && Object.hasOwn(oauthErrors, error) ? oauthErrors[error] : undefined;
  return oauth ?? statusCodes[status] ?? (status >= 500 ? 'unavailable' : 'invalid_request');
}

function retryAfterMs(response: Response, body: ErrorBody): number | undefined {
  if (typeof body.retry_after_ms === 'number') return body.retry_after_ms;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Returns `detail` (RFC 9457 §3.1.4), `error_description` (RFC 6749 §5.2) or `title`. The first two are more specific. */
function messageOf({ detail, error_description, title }: ErrorBody): unknown {
  return [detail, error_description, title].find((text) => typeof text === 'string' && text !== '');
}

async function readFailure(response: Response): Promise<Failure> {
  const body = Object(await response.json().catch(() => {})) as ErrorBody;
  return toFailure({
    code: codeOf(response.status, body),
    message: messageOf(body),
    request_id: body.request_id,
    retry_after_ms: retryAfterMs(response, body),
    details: body.errors,
    now: body.now,
  });
}

/** Returns the JSON of an answer. Rejects with the error of the service, or `unavailable` for an answer of another server. */
export async function parseResponse<Answer>(response: Response): Promise<Answer> {
  if (!response.ok) throw await readFailure(response);
  const text = await response.text();
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  // The service answers with objects only, so this is the answer of a proxy or another server.
  if (typeof answer !== 'object' || answer === null) throw fail('unavailable');
  return answer as Answer;
}

/** True for an answer that is not JSON, and not the error page of a gateway. The service answers with JSON, also on errors. */
function isOfAnotherServer({ status, headers }: Response): boolean {
  const type = headers.get('content-type') ?? '';
  if (isTransientStatus(status)) return false;
  return /html/.test(type) || (status === 404 && !/json/.test(type));
}

/** Creates the client of one service. */
export function createHttpClient(deps: HttpClientDeps) {
  const { url, timers, databaseClock, prover, warnOnce, fetch = globalThis.fetch } = deps;
  const post = async <Answer>(path: string, body: () => string, type: string, token?: string): Promise<Answer> => {
    const timeout = new AbortController();
    const until = timers.now() + timeoutMs;
    const cancel = timers.after(timeoutMs, () => timeout.abort());
    const init: RequestInit = { method: 'POST', credentials: 'omit', cache: 'no-store', signal: timeout.signal };
    const isProved = token !== undefined || path === servicePaths.oauthToken;
    const request = { method: 'POST', url: url + path, token, mayRepeat: true };
    let sentAt = timers.now();
    try {
      const response = await sendCredential(isProved ? prover : undefined, request, (headers) => {
        sentAt = timers.now();
        return fetch(url + path, { ...init, body: body(), headers: { ...headers, 'content-type': type } });
      });
      if (isOfAnotherServer(response)) {
        warnOnce?.(
          'url',
          `${url} answers ${response.status}, but is not a Latchkey service. Check url, and proxies in front of the service.`,
        );
      }
      const answer = await parseResponse<Answer & WithDatabaseTime>(response);
      databaseClock?.learn(answer.now, sentAt);
      // After a freeze of the page the answer is read before the timer runs. The service counts it as lost by then.
      if (timers.now() > until) throw fail('unavailable');
      return answer;
    } catch (cause) {
      const failure = wrapError(cause, 'unavailable');
      databaseClock?.learn(failure.nowMs, sentAt);
      throw failure;
    } finally {
      cancel();
    }
  };
  return Object.freeze({
    /** Origin of the service. */
    url,
    fetch,
    /** Posts JSON. A `body` that is a function is called for each attempt, in the task that sends. */
    postJson<Answer>(path: string, body: object | (() => object), accessToken?: string) {
      const read = (): string => JSON.stringify(typeof body === 'function' ? body() : body);
      return post<Answer>(path, read, 'application/json', accessToken);
    },
    /** Posts `application/x-www-form-urlencoded`, the format of OAuth endpoints. */
    postForm: <Answer>(path: string, body: Readonly<Record<string, string>>) =>
      post<Answer>(path, () => new URLSearchParams(body).toString(), 'application/x-www-form-urlencoded'),
  });
}

/** Client of the service's HTTP API. Its methods reject with a `Failure`; a network error is `unavailable`. */
export type HttpClient = ReturnType<typeof createHttpClient>;
