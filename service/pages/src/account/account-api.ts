import {
  type AccountActivity,
  type AccountExport,
  type CurrentUser,
  type CursorPage,
  type EndedSessions,
  type MailSentResponse,
  type ProfileBody,
  paths,
  type SessionInfo,
  type SessionsResponse,
} from '@latchkey/contract';
import type { Session } from '@latchkey/sdk-browser';
import type { ListPage } from '../console/console-api.ts';
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
  /** Changes what the user says of itself; `null` clears a field. */
  changeProfile(profile: ProfileBody): Promise<CurrentUser>;
  activity(cursor: string | undefined): Promise<ListPage<AccountActivity>>;
  /** @throws reauthentication_required the sign-in is older than five minutes */
  exportAccount(): Promise<AccountExport>;
  /** @throws reauthentication_required the sign-in is older than five minutes */
  deleteAccount(): Promise<EndedSessions>;
  changePassword(current: string, next: string): Promise<EndedSessions>;
  /** Sends a mail whose code verifies the address, in this session. */
  requestVerification(): Promise<MailSentResponse>;
  verifyEmail(code: string): Promise<{ readonly email_verified: true }>;
  /** Sends a mail to the new address. */
  requestEmailChange(email: string, currentPassword: string): Promise<MailSentResponse>;
  verifyEmailChange(code: string): Promise<EndedSessions>;
}

export function createAccountApi(fetch: Session['fetch'], origin: string): AccountApi {
  const { request, requestJson } = createJsonClient(fetch, origin);
  const post = <Answer>(path: string, body: object) => requestJson<Answer>(path, jsonInit('POST', body));
  return Object.freeze<AccountApi>({
    me: () => requestJson<CurrentUser>(paths.me),
    async sessions() {
      const response = await request(paths.sessions);
      const { sessions } = (await response.json()) as SessionsResponse;
      return { sessions, at: parseDateHeader(response) };
    },
    endSession: (id: string) =>
      requestJson<EndedSessions>(`${paths.sessions}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    changeProfile: (profile) => requestJson(paths.me, jsonInit('PATCH', profile)),
    async activity(cursor) {
      const query = cursor === undefined ? '' : `?${new URLSearchParams({ cursor })}`;
      const response = await request(paths.meActivity + query);
      const { activity, next_cursor } = (await response.json()) as CursorPage<'activity', AccountActivity>;
      return { rows: activity, next: next_cursor ?? undefined, at: parseDateHeader(response) };
    },
    exportAccount: () => requestJson(paths.meExport),
    deleteAccount: () => requestJson(paths.me, { method: 'DELETE' }),
    changePassword: (current, next) => post(paths.mePassword, { current_password: current, new_password: next }),
    requestVerification: () => post(paths.meVerificationRequest, {}),
    verifyEmail: (code) => post(paths.meVerification, { code }),
    requestEmailChange: (email, currentPassword) => post(paths.meEmail, { email, current_password: currentPassword }),
    verifyEmailChange: (code) => post(paths.meEmailVerify, { code }),
  });
}
