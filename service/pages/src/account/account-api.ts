import {
  type Ended,
  Failure,
  fail,
  isErrorCode,
  type Me,
  type Problem,
  paths,
  type SessionList,
  type SessionView,
} from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';

/** The sessions, and what the service's clock said when it listed them (epoch milliseconds). */
export interface ListedSessions {
  readonly sessions: readonly SessionView[];
  readonly at: number;
}

/** What the account page asks of the service. Every rejection is a `Failure`. */
export interface AccountApi {
  me(): Promise<Me>;
  sessions(): Promise<ListedSessions>;
  endSession(id: string): Promise<Ended>;
  changePassword(current: string, next: string): Promise<Ended>;
}

export function createAccountApi(fetch: Session['fetch'], origin: string): AccountApi {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(path, origin), init).catch(refuse);
    if (!response.ok) throw await toFailure(response);
    return response;
  };
  const askJson = async <Answer>(path: string, init?: RequestInit): Promise<Answer> => (await ask(path, init)).json();
  return Object.freeze({
    me: () => askJson<Me>(paths.me),
    async sessions() {
      const response = await ask(paths.sessions);
      const { sessions } = (await response.json()) as SessionList;
      return { sessions, at: Date.parse(response.headers.get('date') ?? '') };
    },
    endSession: (id: string) => askJson<Ended>(`${paths.sessions}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    changePassword: (current: string, next: string) =>
      askJson<Ended>(paths.mePassword, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ current_password: current, new_password: next }),
      }),
  });
}

function refuse(error: unknown): never {
  throw error instanceof Failure ? error : fail('unavailable', { cause: error });
}

/** The failure that an answer with a bad status stands for. */
export async function toFailure(response: Response): Promise<Failure> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  if (!isErrorCode(problem.code)) return fail(response.status >= 500 ? 'unavailable' : 'internal_error');
  const { code, detail, errors, retry_after_ms } = problem;
  return fail(code, { message: detail, details: errors, retryAfterMs: retry_after_ms });
}
