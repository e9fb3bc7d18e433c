import {
  type CurrentUser,
  type EndedSessions,
  paths,
  type SessionInfo,
  type SessionsResponse,
} from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';
import { createJsonClient, jsonInit, parseDateHeader } from '../platform/json-client.ts';

/** The sessions, and what the service's clock said when it listed them (epoch milliseconds). */
export interface ListedSessions {
  readonly sessions: readonly SessionInfo[];
  readonly at: number;
}

/** What the account page asks of the service. Every rejection is a `Failure`. */
export interface AccountApi {
  me(): Promise<CurrentUser>;
  sessions(): Promise<ListedSessions>;
  endSession(id: string): Promise<EndedSessions>;
  changePassword(current: string, next: string): Promise<EndedSessions>;
}

export function createAccountApi(fetch: Session['fetch'], origin: string): AccountApi {
  const { request, requestJson } = createJsonClient(fetch, origin);
  return Object.freeze({
    me: () => requestJson<CurrentUser>(paths.me),
    async sessions() {
      const response = await request(paths.sessions);
      const { sessions } = (await response.json()) as SessionsResponse;
      return { sessions, at: parseDateHeader(response) };
    },
    endSession: (id: string) =>
      requestJson<EndedSessions>(`${paths.sessions}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    changePassword: (current: string, next: string) =>
      requestJson<EndedSessions>(paths.mePassword, jsonInit('POST', { current_password: current, new_password: next })),
  });
}
