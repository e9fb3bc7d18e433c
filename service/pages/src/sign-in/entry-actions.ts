import { Failure, paths } from '@latchkey/contract';
import type { MailApi } from '../mail/mail-api.ts';
import { createTicket, type TicketPurpose } from '../mail/tickets.ts';
import type { PostSignIn } from './post-sign-in.ts';
import type { SignInMemory } from './sign-in-memory.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A mail that was asked for here, and is waited for. */
export interface WaitingMail {
  readonly purpose: Exclude<TicketPurpose, 'reset_password'>;
  readonly email: string;
  readonly ticket: string;
}

interface EntryActionsDeps {
  readonly tenant: string | undefined;
  readonly operatorInvite?: string | undefined;
  readonly api: Pick<MailApi, 'requestSignIn' | 'requestVerification' | 'resetPassword'>;
  readonly memory: Pick<SignInMemory, 'saveWay'>;
  readonly post: PostSignIn;
  /** Called when a mail is on its way; its code is valid for so many seconds. */
  readonly wait: (mail: WaitingMail, seconds: number) => void;
}

const daySeconds = 24 * 3_600;

/** The actions of the forms of the entry pages. Every rejection is a `Failure`. */
export function createEntryActions({ tenant, operatorInvite, api, memory, post, wait }: EntryActionsDeps) {
  async function signIn(who: Credentials): Promise<void> {
    try {
      await post(paths.login, { ...who, tenant });
      memory.saveWay(tenant, 'password');
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'email_unverified')) throw error;
      const ticket = createTicket();
      const { expires_in } = await api.requestVerification({ ...who, tenant, ticket });
      wait({ purpose: 'verify_email', email: who.email, ticket }, expires_in);
    }
  }
  return Object.freeze({
    signIn,
    /** Replaces the password where that is required, and signs in with the new one. */
    async replacePassword(who: Credentials, newPassword: string): Promise<void> {
      await api.resetPassword({ ...who, tenant }, newPassword);
      await signIn({ email: who.email, password: newPassword });
    },
    async signUp(who: Credentials): Promise<void> {
      const ticket = createTicket();
      const invite = operatorInvite === undefined ? {} : { operator_invite: operatorInvite };
      const outcome = await post(paths.register, { ...who, tenant, ticket, ...invite });
      if (outcome === 'mail_sent') wait({ purpose: 'verify_email', email: who.email, ticket }, daySeconds);
    },
    async mailCode(email: string): Promise<void> {
      const ticket = createTicket();
      const { expires_in } = await api.requestSignIn({ email, tenant, ticket });
      wait({ purpose: 'sign_in', email, ticket }, expires_in);
    },
    /** Signs in with the code of the mail. */
    async sendCode({ purpose, ticket }: WaitingMail, code: string): Promise<void> {
      const isSignIn = purpose === 'sign_in';
      await post(isSignIn ? paths.loginEmailVerify : paths.emailVerify, { ticket, code });
      memory.saveWay(tenant, isSignIn ? 'mail' : 'password');
    },
    resend: ({ purpose, email, ticket }: WaitingMail): Promise<unknown> =>
      purpose === 'sign_in' ? api.requestSignIn({ email, tenant, ticket }) : api.requestVerification({ ticket }),
  });
}
