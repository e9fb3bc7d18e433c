import type { paths as all, CodeResponse, MailSentResponse, SessionUser } from '@latchkey/contract';
import type { HttpClient } from '../http/http-client.ts';
import { createMailTickets, type KeptTicket } from '../tokens/mail-tickets.ts';
import type { StorageAdapter } from '../tokens/storage-adapter.ts';
import type { PreparedCode, RunSignIn } from './prepare-code.ts';

/** What a mail has: a code of six digits, or a link with a secret in its fragment. */
export type MailCredential =
  | { readonly code: string; readonly secret?: never }
  | { readonly secret: string; readonly code?: never };

/** A sign-in that waits for the code or the link of a mail. The code is valid only in this browser. */
export interface MailSignIn {
  /** Address of the mail, as it was entered. */
  readonly email: string;
  /**
   * Signs in with the code or the secret of the mail. Resolves with the user after the token is stored. After
   * `mail_code_wrong` it may be called again.
   *
   * @throws mail_code_wrong · link_invalid · identifier_taken · invalid_request · rate_limited · busy · unavailable
   *
   * @example
   * const user = await pending.continueWith({ code: '123456' });
   */
  continueWith(proof: MailCredential): Promise<SessionUser>;
  /**
   * Sends the mail again, with a new link and a new code. Beyond the limits of the service it resolves, too, and no mail is sent.
   *
   * @throws mail_unavailable · unavailable
   */
  resend(): Promise<void>;
}

type MailSignInPurpose = 'verify_email' | 'sign_in';

interface MailSignInsDeps {
  readonly http: Pick<HttpClient, 'postJson'>;
  readonly storage: StorageAdapter;
  readonly runSignIn: RunSignIn;
  readonly prepareCode: () => Promise<PreparedCode>;
  /** The local time in epoch milliseconds. */
  readonly now: () => number;
}

type UsedPath = 'emailVerify' | 'emailVerifyRequest' | 'loginEmail' | 'loginEmailVerify';

/** The table of the contract would be bundled as a whole. */
const paths: Pick<typeof all, UsedPath> = {
  emailVerify: '/email/verify',
  emailVerifyRequest: '/email/verify/request',
  loginEmail: '/login/email',
  loginEmailVerify: '/login/email/verify',
};

const steps = {
  verify_email: { request: paths.emailVerifyRequest, verify: paths.emailVerify },
  sign_in: { request: paths.loginEmail, verify: paths.loginEmailVerify },
} as const;

/** The body of a repeated request. Only the ticket identifies a sign-up, because it has no account yet. */
function bodyAgain(purpose: MailSignInPurpose, { ticket, email, tenant }: Omit<KeptTicket, 'until'>) {
  return purpose === 'verify_email' ? { ticket } : { ticket, email, tenant };
}

/** Creates the mail sign-ins of a session. This module imports nothing at run time that the entry has, so that it is one file. */
export function createMailSignIns({ http, storage, runSignIn, prepareCode, now }: MailSignInsDeps) {
  const tickets = createMailTickets(storage, now);

  const open = (purpose: MailSignInPurpose, kept: Omit<KeptTicket, 'until'>): MailSignIn => {
    const { ticket, email, scope } = kept;
    const { request, verify } = steps[purpose];
    return {
      email,
      continueWith: (proof) =>
        runSignIn(JSON.stringify([purpose, ticket, proof]), async () => {
          const code = await prepareCode();
          const answer = await http.postJson<CodeResponse>(verify, { ...proof, ticket, scope, ...code.request });
          tickets.remove(purpose, ticket);
          return code.redeem(answer);
        }),
      async resend() {
        const { expires_in } = await http.postJson<MailSentResponse>(request, bodyAgain(purpose, kept));
        tickets.save(purpose, kept, expires_in);
      },
    };
  };
  const keep = (purpose: MailSignInPurpose, kept: Omit<KeptTicket, 'until'>, expiresInSeconds: number): MailSignIn => {
    tickets.save(purpose, kept, expiresInSeconds);
    return open(purpose, kept);
  };
  return Object.freeze({
    tickets,
    /** Keeps the ticket of a mail that was sent. */
    keep,
    /** Requests a mail, with further members of the body. */
    async request(purpose: MailSignInPurpose, kept: Omit<KeptTicket, 'until'>, more: object = {}) {
      const { ticket, email, tenant } = kept;
      const body = { ...more, ticket, email, tenant };
      const { expires_in } = await http.postJson<MailSentResponse>(steps[purpose].request, body);
      return keep(purpose, kept, expires_in);
    },
    /** Returns the sign-in whose mail was requested last, also after a reload. */
    find(purpose: MailSignInPurpose) {
      const found = tickets.find(purpose);
      return found === undefined ? undefined : open(purpose, found);
    },
  });
}

/** Sign-ins of a session that wait for a mail. */
export type MailSignIns = ReturnType<typeof createMailSignIns>;
