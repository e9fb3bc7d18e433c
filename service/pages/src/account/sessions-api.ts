import { type EndedSessions, paths, type SessionInfo, type SessionsResponse } from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';
import { createJsonClient, parseDateHeader } from '../platform/json-client.ts';

/** The sessions, and what the service's clock said when it listed them (epoch milliseconds). */
export interface ListedSessions {
  readonly sessions: readonly SessionInfo[];
  readonly at: number;
}

/** The sessions of the user. Every rejection is a `Failure`. */
interface SessionsApi {
  list(): Promise<ListedSessions>;
  end(id: string): Promise<EndedSessions>;
}

export function createSessionsApi(fetch: Session['fetch'], origin: string): SessionsApi {
  const { request, requestJson } = createJsonClient(fetch, origin);
  return Object.freeze<SessionsApi>({
    async list() {
      const response = await request(paths.sessions);
      const { sessions } = (await response.json()) as SessionsResponse;
      return { sessions, at: parseDateHeader(response) };
    },
    end: (id) => requestJson(`${paths.sessions}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
  });
}
