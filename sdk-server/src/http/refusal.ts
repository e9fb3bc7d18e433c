import { randomUUID } from 'node:crypto';
import { errors, type Failure, type Problem } from '@latchkey/contract';

/** An answer that is ready to leave, whichever framework sends it. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** `attributes` of the challenge: none when no bearer token was shown (RFC 6750 §3). */
export function refusalOf(failure: Failure, attributes: Readonly<Record<string, string>> | undefined): Refusal {
  const { code, status, retryAfterMs } = failure;
  const isChallenge = status === 401 || status === 403;
  const isBusy = status === 503 || status === 429;
  return Object.freeze<Refusal>({
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(isChallenge ? { 'WWW-Authenticate': challengeOf(attributes) } : {}),
      ...(isBusy ? { 'Retry-After': String(Math.ceil((retryAfterMs ?? 1_000) / 1_000)) } : {}),
    },
    body: {
      type: `urn:latchkey:error:${code}`,
      title: errors[code].sentence,
      status,
      code,
      request_id: randomUUID(),
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    },
  });
}

function challengeOf(attributes: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ realm: 'latchkey', ...attributes });
  return `Bearer ${all.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}
