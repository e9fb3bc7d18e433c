import { randomUUID } from 'node:crypto';
import { errors, type Failure, type Problem, toProblem } from '@latchkey/contract';

/** An answer that is ready to leave, whichever framework sends it. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** What is added to the answer. */
interface ResponseExtras {
  readonly headers: Readonly<Record<string, string>>;
  /** For the developer, after the failure's own message. */
  readonly explanation: string | undefined;
}

export function toHttpRefusal(
  failure: Failure,
  challenge: string,
  { headers, explanation }: ResponseExtras,
): HttpRefusal {
  const { code, retryAfterMs } = failure;
  const { status } = errors[code];
  const isChallenge = status === 401 || status === 403;
  const isBusy = status === 503 || status === 429;
  return Object.freeze<HttpRefusal>({
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...(isChallenge ? { 'WWW-Authenticate': challenge } : {}),
      ...(isBusy ? { 'Retry-After': String(Math.ceil((retryAfterMs ?? 1_000) / 1_000)) } : {}),
      ...headers,
    },
    body: withExplanation(toProblem(failure, randomUUID()), explanation),
  });
}

function withExplanation(problem: Problem, explanation: string | undefined): Problem {
  if (explanation === undefined) return problem;
  const { detail } = problem;
  return { ...problem, detail: detail === undefined ? explanation : `${detail} ${explanation}` };
}
