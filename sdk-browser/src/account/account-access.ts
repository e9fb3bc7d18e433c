import {
  type CodeResponse,
  type EndedSessions,
  type LinkInspection,
  type MailSentResponse,
  paths,
  type SessionUser,
} from '@latchkey/contract';
import type { MailCredential, MailSignIn, MailSignIns } from '../auth/mail-sign-ins.ts';
import type { PreparedCode, RunSignIn } from '../auth/prepare-code.ts';
import { createMailTicket } from '../auth/sign-in.ts';
import type { HttpClient } from '../http/http-client.ts';
import { fail } from '../platform/fail.ts';

/** The account that a mail is requested for. */
export interface MailRecipient {
  readonly email: string;
  /** Default: the `tenant` of the session. */
  readonly tenant?: string;
}

/** Input of `signInByMail`. */
export interface MailSignInInput extends MailRecipient {
  /** Requested scopes, separated by spaces. Default: all scopes of the user. */
  readonly scope?: string;
}

/** Input of `replacePassword`. */
export interface ReplacedPassword extends MailRecipient {
  /** The present password. */
  readonly password: string;
  readonly newPassword: string;
}

/** Input of `acceptInvitation`. */
export interface InvitationAcceptance {
  /** Secret of the link. */
  readonly secret: string;
  /** Password of the new account. */
  readonly password: string;
  /** Default: the name in the invitation. */
  readonly name?: string;
}

/** Input of `resetPassword`: the code or the secret of the mail, and the new password. */
export type PasswordReset = MailCredential & { readonly newPassword: string };

interface AccountAccessDeps {
  readonly http: Pick<HttpClient, 'postJson'>;
  readonly mailSignIns: MailSignIns;
  readonly prepareCode: () => Promise<PreparedCode>;
  readonly runSignIn: RunSignIn;
  /** Runs `work` after the storage is open. */
  readonly whenOpen: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Tenant of requests that name none. */
  readonly tenant: string | undefined;
}

/** Creates the functions that need no session: they prove by a mail who the user is. */
export function createAccountAccess({
  http,
  mailSignIns,
  prepareCode,
  runSignIn,
  whenOpen,
  ...deps
}: AccountAccessDeps) {
  const { tickets } = mailSignIns;
  const keep = ({ email, tenant = deps.tenant, scope }: MailSignInInput) => ({
    ticket: createMailTicket(),
    ...{ email, tenant, scope },
  });
  const findSignIn = (purpose: 'verify_email' | 'sign_in') => whenOpen(async () => mailSignIns.find(purpose));
  const signInAt = (path: string, proof: object): Promise<SessionUser> =>
    runSignIn(JSON.stringify([path, proof]), async () => {
      const { request, redeem } = await prepareCode();
      return redeem(await http.postJson<CodeResponse>(path, { ...proof, ...request }));
    });
  return {
    /**
     * Sends a mail with which a new password is set, if there is such an account. The answer is the same for each address.
     * Resolves with the seconds for which its code and its link are valid.
     *
     * @throws tenant_unknown · mail_unavailable · unavailable
     *
     * @example
     * await account.forgotPassword({ email });
     */
    forgotPassword: (recipient: MailRecipient) =>
      whenOpen(async () => {
        const { scope: _scope, ...kept } = keep(recipient);
        const sent = await http.postJson<MailSentResponse>(paths.passwordForgot, kept);
        tickets.save('reset_password', kept, sent.expires_in);
        return sent;
      }),
    /**
     * Sets a new password. A code is valid only in the browser that requested it. No user is signed in, and all sessions of the user
     * end. A weak password does not use the mail up. Resolves with the number of ended sessions.
     *
     * @throws link_invalid · mail_code_wrong · weak_password · overloaded · unavailable
     *
     * @example
     * const { ended } = await account.resetPassword({ code: '123456', newPassword });
     */
    resetPassword: ({ newPassword, ...proof }: PasswordReset) =>
      whenOpen(async () => {
        const ticket = proof.code === undefined ? undefined : tickets.find('reset_password')?.ticket;
        if (proof.code !== undefined && ticket === undefined)
          throw fail('link_invalid', { message: 'This browser has requested no mail, or its code has expired.' });
        const body = { ...proof, ticket, new_password: newPassword };
        const ended = await http.postJson<EndedSessions>(paths.passwordReset, body);
        if (ticket !== undefined) tickets.remove('reset_password', ticket);
        return ended;
      }),
    /**
     * Sends a mail with which the user signs in, if there is such an account. The answer is the same for each address.
     *
     * @throws forbidden the tenant does not allow it · tenant_unknown · mail_unavailable · unavailable
     *
     * @example
     * const pending = await account.signInByMail({ email });
     * const user = await pending.continueWith({ code: '123456' });
     */
    signInByMail: (input: MailSignInInput): Promise<MailSignIn> =>
      whenOpen(() => mailSignIns.request('sign_in', keep(input))),
    /** Resolves with the sign-in by mail that this browser waits for, also after a reload, or with `undefined`. */
    pendingSignIn: () => findSignIn('sign_in'),
    /**
     * Resolves with the sign-up, or the sign-in, whose address this browser has to verify, also after a reload and in a tab that a
     * link has opened, or with `undefined`.
     *
     * @example
     * const pending = await account.pendingVerification();
     * const user = await pending?.continueWith({ secret });
     */
    pendingVerification: () => findSignIn('verify_email'),
    /**
     * Verifies an address by a link in a browser that did not sign up, and signs in. A link alone does not sign in, so the password
     * is needed as well.
     *
     * @throws link_invalid · invalid_credentials · identifier_taken · rate_limited · busy · unavailable
     *
     * @example
     * const user = await account.verifyWithPassword({ secret, password });
     */
    verifyWithPassword: (proof: { readonly secret: string; readonly password: string }) =>
      signInAt(paths.emailVerify, proof),
    /**
     * Creates the account of an invitation, and signs in. It replaces the session of this browser.
     *
     * @throws link_invalid · identifier_taken · weak_password · managed_elsewhere · busy · unavailable
     *
     * @example
     * const user = await account.acceptInvitation({ secret, password, name: 'Ada' });
     */
    acceptInvitation: (acceptance: InvitationAcceptance) => signInAt(paths.invitationsAccept, acceptance),
    /**
     * Replaces a password after `login` was refused as `password_change_required`. No user is signed in, and all sessions of the user
     * end. Resolves with their number.
     *
     * @throws invalid_credentials · weak_password · rate_limited · unavailable
     *
     * @example
     * await account.replacePassword({ email, password, newPassword });
     */
    replacePassword: ({ newPassword, tenant = deps.tenant, ...credentials }: ReplacedPassword) =>
      http.postJson<EndedSessions>(paths.passwordReset, { ...credentials, tenant, new_password: newPassword }),
    /**
     * Returns what a link is for, without using it.
     *
     * @throws link_invalid · unavailable
     *
     * @example
     * const { purpose, email_hint } = await account.inspectLink(secret);
     */
    inspectLink: (secret: string) => http.postJson<LinkInspection>(paths.linksInspect, { secret }),
    /**
     * Sets the previous address again, by the link in the mail to it. The password and all sessions end. Resolves with the number of
     * ended sessions.
     *
     * @throws link_invalid · identifier_taken · unavailable
     *
     * @example
     * const { ended } = await account.undoEmailChange(secret);
     */
    undoEmailChange: (secret: string) => http.postJson<EndedSessions>(paths.emailUndo, { secret }),
  };
}

/** What a user without a session can do by mail. */
export type AccountAccess = ReturnType<typeof createAccountAccess>;
