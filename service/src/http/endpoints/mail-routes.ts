import { paths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { MailProof, SessionMailProof } from '../../flow/types.ts';
import { type HttpRoute, publicRoute, userRoute } from '../route.ts';
import { isPkceComplete, pkceError, signInTargetFields, toSignInTarget } from './login.ts';
import { askedAt, displayName, password, text } from './schemas.ts';
import { mailProofErrors, signInErrors } from './sign-in-errors.ts';

interface MailRouteDeps {
  readonly flows: Flows;
  /** Whether sign-ins need a PKCE challenge. */
  readonly pkce: boolean;
  /** Adds the database's time to an answer. */
  readonly timed: <Answer extends object>(
    answer: Promise<Answer>,
  ) => Promise<Awaited<Answer> & { now: number | undefined }>;
}

const ticket = schemas.mailSecretSchema;
const secret = schemas.mailSecretSchema;
const code = z.string().regex(/^\d{6}$/, 'has to be six digits');
const address = { email: text(254), tenant: text(128).optional() };
const proofFields = { secret: secret.optional(), code: code.optional(), ticket: ticket.optional() };
const sessionProofFields = { secret: secret.optional(), code: code.optional() };
const proofError = { path: ['secret'], message: 'send either secret, or code' };
const ticketError = { path: ['ticket'], message: 'a code needs the ticket of its request' };

const hasOneProof = (body: { secret?: string | undefined; code?: string | undefined }) =>
  (body.secret === undefined) !== (body.code === undefined);
const hasTicketOfCode = (body: { code?: string | undefined; ticket?: string | undefined }) =>
  body.code === undefined || body.ticket !== undefined;

const credentialsOrProof = {
  ...proofFields,
  ...{ email: address.email.optional(), password: password.optional(), tenant: address.tenant },
};
type CredentialsOrProof = z.output<z.ZodObject<typeof credentialsOrProof>>;

/** Either the address and the password, or the proof of a mail. */
const isOfOneKind = ({ email, password, tenant, secret, code, ticket }: CredentialsOrProof) =>
  email === undefined
    ? password === undefined && tenant === undefined
    : password !== undefined && secret === undefined && code === undefined && ticket === undefined;

const resetBody = z
  .strictObject({ ...credentialsOrProof, new_password: password })
  .refine((body) => body.email !== undefined || hasOneProof(body), proofError)
  .refine(hasTicketOfCode, ticketError)
  .refine(isOfOneKind, { path: ['email'], message: 'send email and password, or the proof of a mail' });

type ResetBody = z.output<typeof resetBody>;

/** The schema refuses an address without a password. */
function toReplacement({ email, password, tenant, new_password: newPassword }: ResetBody) {
  return { email: email!, password: password!, tenant, newPassword };
}

type ProofBody = z.output<z.ZodObject<typeof proofFields>>;

/** The schema refuses a body with neither, with both, and a code without its ticket. */
function toProof({ secret, code, ticket }: ProofBody): MailProof {
  return secret === undefined ? { code: code!, ticket: ticket! } : { secret, ticket };
}

function toSessionProof({ secret, code }: ProofBody): SessionMailProof {
  return secret === undefined ? { code: code! } : { secret };
}

/** Once the user is known. */
const afterProofErrors = ['tenant_disabled', 'password_change_required', 'session_limit_reached'] as const;

const verificationErrors = [
  ...mailProofErrors,
  ...afterProofErrors,
  ...['invalid_credentials', 'user_disabled', 'identifier_taken', 'domain_not_allowed', 'invalid_scope'],
  'rate_limited',
] as const;

const emailChangeErrors = [
  ...['mail_unavailable', 'reauthentication_required', 'domain_not_allowed', 'invalid_credentials'],
  ...['user_disabled', 'rate_limited'],
] as const;

/** Routes whose requests send a mail, or show the link or the code of one. None answers with a session token. */
export function mailRoutes({ flows, pkce, timed }: MailRouteDeps): readonly HttpRoute[] {
  const sent = { firstParty: true, response: schemas.mailSentResponseSchema, status: 202 } as const;
  const signsIn = { firstParty: true, response: schemas.codeResponseSchema } as const;
  const ended = { firstParty: true, response: schemas.endedSessionsSchema } as const;
  const sessionProof = z.strictObject({ ...sessionProofFields, asked_at: askedAt }).refine(hasOneProof, proofError);
  const verification = z
    .strictObject({ ...proofFields, ...signInTargetFields, password: password.optional() })
    .refine(hasOneProof, proofError)
    .refine(hasTicketOfCode, ticketError)
    .refine(isPkceComplete(pkce), pkceError);
  const emailSignIn = z
    .strictObject({ ...proofFields, ...signInTargetFields, ticket })
    .refine(hasOneProof, proofError)
    .refine(isPkceComplete(pkce), pkceError);
  const acceptance = z
    .strictObject({ ...signInTargetFields, secret, password, name: displayName.optional() })
    .refine(isPkceComplete(pkce), pkceError);
  return [
    publicRoute('POST', paths.passwordForgot, {
      operationId: 'requestPasswordReset',
      summary: 'Asks for a mail to set a new password',
      errors: ['tenant_unknown', 'mail_unavailable'],
      ...sent,
      body: z.strictObject({ ...address, ticket: ticket.optional() }),
      handle: ({ body, peer, deadline }) => timed(flows.requestPasswordReset(body, peer, deadline())),
    }),
    publicRoute('POST', paths.passwordReset, {
      operationId: 'resetPassword',
      summary: 'Sets a new password by a mail, or one that is required',
      errors: [...signInErrors, ...mailProofErrors, 'managed_elsewhere', 'weak_password'],
      ...ended,
      body: resetBody,
      handle: ({ body, peer, deadline }) =>
        timed(
          body.email === undefined
            ? flows.resetPassword({ proof: toProof(body), newPassword: body.new_password }, peer, deadline())
            : flows.replacePassword(toReplacement(body), peer, deadline()),
        ),
    }),
    publicRoute('POST', paths.loginEmail, {
      operationId: 'requestEmailSignIn',
      summary: 'Asks for a mail to sign in with',
      errors: ['tenant_unknown', 'mail_unavailable'],
      ...sent,
      body: z.strictObject({ ...address, ticket }),
      handle: ({ body, peer, deadline }) => timed(flows.requestEmailSignIn(body, peer, deadline())),
    }),
    publicRoute('POST', paths.loginEmailVerify, {
      operationId: 'signInByMail',
      summary: 'Signs in by a link or a code',
      errors: [...mailProofErrors, ...afterProofErrors, 'invalid_scope', 'rate_limited'],
      ...signsIn,
      body: emailSignIn,
      handle: ({ body, peer, deadline }) => {
        const proof = { ...toProof(body), ticket: body.ticket };
        return timed(flows.signInByMail({ ...toSignInTarget(body), proof }, peer, deadline()));
      },
    }),
    publicRoute('POST', paths.emailVerifyRequest, {
      operationId: 'requestVerification',
      summary: 'Asks for a mail to verify an address',
      errors: ['tenant_unknown', 'mail_unavailable', 'invalid_credentials', 'user_disabled', 'rate_limited'],
      ...sent,
      body: z.union([z.strictObject({ ticket }), z.strictObject({ ...address, password, ticket })]),
      handle: ({ body, peer, deadline }) =>
        timed(
          'email' in body
            ? flows.requestVerificationByPassword(body, peer, deadline())
            : flows.requestVerificationAgain(body, peer, deadline()),
        ),
    }),
    publicRoute('POST', paths.emailVerify, {
      operationId: 'verifyEmail',
      summary: 'Verifies the address of a sign-up and signs in',
      errors: verificationErrors,
      ...signsIn,
      body: verification,
      handle: ({ body, peer, deadline }) => {
        const input = { ...toSignInTarget(body), proof: toProof(body), password: body.password };
        return timed(flows.verifyEmail(input, peer, deadline()));
      },
    }),
    publicRoute('POST', paths.emailUndo, {
      operationId: 'undoEmailChange',
      summary: 'Sets the previous address again',
      errors: ['link_invalid', 'identifier_taken', 'rate_limited'],
      ...ended,
      body: z.strictObject({ secret }),
      handle: ({ body, peer, deadline }) => timed(flows.undoEmailChange(body, peer, deadline())),
    }),
    publicRoute('POST', paths.linksInspect, {
      operationId: 'inspectLink',
      summary: 'Returns what a link is for, and changes nothing',
      errors: ['link_invalid', 'rate_limited'],
      firstParty: true,
      body: z.strictObject({ secret }),
      response: schemas.linkInspectionSchema,
      handle: ({ body, peer }) => flows.inspectLink(body, peer),
    }),
    publicRoute('POST', paths.invitationsAccept, {
      operationId: 'acceptInvitation',
      summary: 'Creates the user of an invitation and signs in',
      errors: ['link_invalid', 'identifier_taken', 'weak_password', 'managed_elsewhere', 'rate_limited'],
      ...signsIn,
      status: 201,
      body: acceptance,
      handle: ({ body, peer, deadline }) => {
        const { secret, password, name } = body;
        return timed(flows.acceptInvitation({ ...toSignInTarget(body), secret, password, name }, peer, deadline()));
      },
    }),
    userRoute('POST', paths.meVerificationRequest, {
      operationId: 'requestOwnVerification',
      summary: 'Asks for a mail to verify the address of the caller',
      errors: ['mail_unavailable', 'managed_elsewhere'],
      response: schemas.mailSentResponseSchema,
      status: 202,
      body: z.strictObject({ asked_at: askedAt }),
      handle: ({ caller, body, peer, deadline }) =>
        timed(flows.requestVerification(caller, peer, deadline(body.asked_at))),
    }),
    userRoute('POST', paths.meVerification, {
      operationId: 'verifyOwnEmail',
      summary: 'Verifies the address of the caller',
      errors: mailProofErrors,
      response: z.object({ email_verified: z.literal(true) }),
      body: sessionProof,
      handle: ({ caller, body, peer, deadline }) =>
        flows.verifyEmailOfCaller(caller, toSessionProof(body), peer, deadline(body.asked_at)),
    }),
    userRoute('POST', paths.meEmail, {
      operationId: 'requestEmailChange',
      summary: 'Asks for a mail to change the address of the caller',
      errors: emailChangeErrors,
      response: schemas.mailSentResponseSchema,
      status: 202,
      body: z.strictObject({ email: text(254), current_password: password, asked_at: askedAt }),
      handle: ({ caller, body: { email, current_password: currentPassword, asked_at }, peer, deadline }) =>
        timed(flows.requestEmailChange(caller, { email, currentPassword }, peer, deadline(asked_at))),
    }),
    userRoute('POST', paths.meEmailVerify, {
      operationId: 'verifyEmailChange',
      summary: 'Changes the address of the caller and ends the other sessions',
      errors: [...mailProofErrors, 'identifier_taken', 'domain_not_allowed'],
      response: schemas.endedSessionsSchema,
      body: sessionProof,
      handle: ({ caller, body, peer, deadline }) =>
        timed(flows.verifyEmailChange(caller, toSessionProof(body), peer, deadline(body.asked_at))),
    }),
  ];
}
