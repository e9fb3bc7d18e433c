import {
  type AccountActivity,
  type AccountExport,
  type CurrentUser,
  type CursorPage,
  type EndedSessions,
  type MailSentResponse,
  type ProfileBody,
  paths,
} from '@latchkey/contract';
import type { MailCredential } from '../auth/mail-sign-ins.ts';
import { createSubscribable } from '../platform/subscribable.ts';
import type { SendAccountRequest } from './account-client.ts';

/** Changes of a profile. `null` clears a field. A field that is absent stays as it is. */
export interface ProfileUpdate extends Readonly<Pick<ProfileBody, 'name' | 'picture' | 'locale'>> {
  /** Data of the app, replaced as a whole: at most 16 KB of JSON. The user can write it, so no right may be derived from it. */
  readonly userMetadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A page of `activity`. */
export interface ActivityQuery {
  /** Rows of the page, 1 to 100. Default: 50. */
  readonly limit?: number;
  /** `next_cursor` of the previous page. */
  readonly cursor?: string;
}

interface OwnAccountDeps {
  readonly send: SendAccountRequest;
  /** Returns the function that ends the present session in this browser. */
  readonly prepareEnd: () => (reason: 'user_deleted') => void;
  /** Replaces the token of the session, so that `session.user` has the new claims. */
  readonly renewUser: () => void;
}

/** Creates the functions of the account that is signed in. Without a session they reject with `unauthenticated`. */
export function createOwnAccount({ send, prepareEnd, renewUser }: OwnAccountDeps) {
  let isObserved = false;
  const profiles = createSubscribable<CurrentUser>(() => {
    isObserved = true;
    return () => {
      isObserved = false;
    };
  });
  let requests = 0;
  let published = 0;
  /** Reads the profile. An answer that a later request or a change has overtaken is not published. */
  const profile = async (): Promise<CurrentUser> => {
    requests += 1;
    const request = requests;
    const answer = await send<CurrentUser>('GET', paths.me);
    if (request > published) {
      published = request;
      profiles.publish(answer);
    }
    return answer;
  };
  /** Reads the profile for the listeners after a change whose answer does not have it. The change is done even if this fails. */
  const reread = async <Answer>(change: Promise<Answer>): Promise<Answer> => {
    const answer = await change;
    renewUser();
    if (isObserved) await profile().catch(() => {});
    return answer;
  };
  return {
    clear: profiles.clear,
    methods: {
      /**
       * Reads the profile of the user: `GET /me`.
       *
       * @throws unauthenticated · unavailable
       *
       * @example
       * const { email, profile } = await account.profile();
       */
      profile,
      /**
       * Changes the profile, and resolves with the new one. `session.user` has the changes soon after.
       *
       * @throws invalid_request `details` names the field · unauthenticated · unavailable
       *
       * @example
       * await account.update({ name: 'Ada', locale: null });
       */
      async update({ userMetadata, ...change }: ProfileUpdate) {
        const answer = await send<CurrentUser>('PATCH', paths.me, { ...change, user_metadata: userMetadata });
        requests += 1;
        published = requests;
        profiles.publish(answer);
        renewUser();
        return answer;
      },
      /**
       * Calls `listener` with each profile that is read, and after each change by this object. Returns the function that removes it.
       *
       * @example
       * const leave = account.subscribe(({ email }) => show(email));
       */
      subscribe: (listener: (profile: CurrentUser) => void) => profiles.subscribe(listener),
      /**
       * Sends a mail to the address of the account. Its code or its link goes to {@link verify}. Resolves with the seconds for which
       * they are valid, also beyond the limits of the service, where no mail is sent.
       *
       * @throws unauthenticated · managed_elsewhere · mail_unavailable · unavailable
       *
       * @example
       * const { expires_in } = await account.requestVerification();
       */
      requestVerification: () => send<MailSentResponse>('POST', paths.meVerificationRequest, {}),
      /**
       * Verifies the address of the account. A code is valid only in the session that requested it. That of the mail of the sign-up is
       * valid in each session of the user. The session continues.
       *
       * @throws link_invalid · mail_code_wrong · unauthenticated · unavailable
       *
       * @example
       * await account.verify({ code: '123456' });
       */
      verify: (proof: MailCredential) =>
        reread(send<{ readonly email_verified: true }>('POST', paths.meVerification, proof)),
      /**
       * Sends a mail to a new address. The address of the account changes with {@link verifyEmailChange}. Needs a sign-in of the last 15
       * minutes. Resolves, too, if another account has the address.
       *
       * @throws reauthentication_required · invalid_credentials · invalid_request · mail_unavailable · unauthenticated · unavailable
       *
       * @example
       * await account.requestEmailChange({ email: 'new@example.com', currentPassword });
       */
      requestEmailChange: ({ email, currentPassword }: { readonly email: string; readonly currentPassword: string }) =>
        send<MailSentResponse>('POST', paths.meEmail, { email, current_password: currentPassword }),
      /**
       * Changes the address to the one of the mail. The other sessions of the user end, and the old address gets a mail that undoes
       * the change. Resolves with the number of ended sessions.
       *
       * @throws link_invalid · mail_code_wrong · identifier_taken · unauthenticated · unavailable
       *
       * @example
       * const { ended } = await account.verifyEmailChange({ code: '123456' });
       */
      verifyEmailChange: (proof: MailCredential) => reread(send<EndedSessions>('POST', paths.meEmailVerify, proof)),
      /**
       * Replaces the password. Needs a sign-in of the last 15 minutes. The other sessions of the user end. Resolves with their number.
       *
       * @throws reauthentication_required · invalid_credentials · weak_password · rate_limited · unauthenticated · unavailable
       *
       * @example
       * const { ended } = await account.changePassword({ currentPassword, newPassword });
       */
      changePassword: ({
        currentPassword,
        newPassword,
      }: {
        readonly currentPassword: string;
        readonly newPassword: string;
      }) =>
        send<EndedSessions>('POST', paths.mePassword, { current_password: currentPassword, new_password: newPassword }),
      /**
       * Reads what happened to the account, newest first.
       *
       * @throws invalid_request · unauthenticated · unavailable
       *
       * @example
       * const { activity, next_cursor } = await account.activity({ limit: 20 });
       */
      activity: ({ limit, cursor }: ActivityQuery = {}) => {
        const query = new URLSearchParams({
          ...(limit === undefined ? {} : { limit: String(limit) }),
          ...(cursor === undefined ? {} : { cursor }),
        });
        const path = query.size === 0 ? paths.meActivity : `${paths.meActivity}?${query}`;
        return send<CursorPage<'activity', AccountActivity>>('GET', path);
      },
      /**
       * Reads everything that is stored about the user, without hashes and secrets. Needs a sign-in of the last 5 minutes.
       *
       * @throws reauthentication_required · rate_limited · unauthenticated · unavailable
       *
       * @example
       * const file = new Blob([JSON.stringify(await account.export())]);
       */
      export: () => send<AccountExport>('GET', paths.meExport),
      /**
       * Deletes the account. Needs a sign-in of the last 5 minutes. All sessions of the user end, with the reason `user_deleted`. Resolves
       * with their number.
       *
       * @throws reauthentication_required · forbidden the last operator · unauthenticated · unavailable
       *
       * @example
       * await account.delete();
       */
      async delete() {
        const end = prepareEnd();
        const ended = await send<EndedSessions>('DELETE', paths.me);
        end('user_deleted');
        return ended;
      },
    },
  };
}

/** The account of the user who is signed in. */
export type OwnAccount = ReturnType<typeof createOwnAccount>['methods'];
