import {
  type EndedSessions,
  type LinkInspection,
  type LoginBody,
  type MailProofBody,
  type MailSentResponse,
  paths,
  type SignInOptions,
} from '@latchkey/contract';
import { createJsonClient, jsonInit, withoutCredentials } from '../platform/json-client.ts';

/** The recipient of a mail, and the ticket that its code needs. */
interface MailRequest extends Pick<LoginBody, 'email' | 'tenant'> {
  readonly ticket: string;
}

/** Requests of the pages of mails, without a session. Every rejection is a `Failure`. */
export interface MailApi {
  getOptions(tenant: string | undefined): Promise<SignInOptions>;
  /** What a link is for. Changes nothing. */
  inspect(secret: string): Promise<LinkInspection>;
  requestReset(request: MailRequest): Promise<MailSentResponse>;
  /** By a mail, or by the password that has to be replaced. */
  resetPassword(
    proof: MailProofBody | Pick<LoginBody, 'email' | 'password' | 'tenant'>,
    newPassword: string,
  ): Promise<EndedSessions>;
  requestSignIn(request: MailRequest): Promise<MailSentResponse>;
  /** The mail of a sign-up again, or by the password of an account. */
  requestVerification(
    request: Pick<MailRequest, 'ticket'> | (MailRequest & Pick<LoginBody, 'password'>),
  ): Promise<MailSentResponse>;
  undoEmailChange(secret: string): Promise<EndedSessions>;
}

export function createMailApi(fetch: typeof globalThis.fetch, origin: string): MailApi {
  const { requestJson } = createJsonClient(withoutCredentials(fetch), origin);
  const post = <Answer>(path: string, body: object) => requestJson<Answer>(path, jsonInit('POST', body));
  return Object.freeze<MailApi>({
    getOptions: (tenant) =>
      requestJson(
        tenant === undefined ? paths.signInOptions : `${paths.signInOptions}?${new URLSearchParams({ tenant })}`,
      ),
    inspect: (secret) => post(paths.linksInspect, { secret }),
    requestReset: (request) => post(paths.passwordForgot, request),
    resetPassword: (proof, newPassword) => post(paths.passwordReset, { ...proof, new_password: newPassword }),
    requestSignIn: (request) => post(paths.loginEmail, request),
    requestVerification: (request) => post(paths.emailVerifyRequest, request),
    undoEmailChange: (secret) => post(paths.emailUndo, { secret }),
  });
}
