import { type Ended, type Me, paths, type SessionList, type SessionView } from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';
import { createAsking, serviceTimeOf, withJson } from '../asking.ts';

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
  const { ask, askJson } = createAsking(fetch, origin);
  return Object.freeze({
    me: () => askJson<Me>(paths.me),
    async sessions() {
      const response = await ask(paths.sessions);
      const { sessions } = (await response.json()) as SessionList;
      return { sessions, at: serviceTimeOf(response) };
    },
    endSession: (id: string) => askJson<Ended>(`${paths.sessions}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    changePassword: (current: string, next: string) =>
      askJson<Ended>(paths.mePassword, withJson('POST', { current_password: current, new_password: next })),
  });
}
