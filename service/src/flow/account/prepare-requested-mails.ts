import type { Db } from '../../db/schema.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { MailTemplate } from '../../domain/mail/mail.ts';
import type { OneTimePurpose, RequestedToken } from '../../domain/one-time-token/one-time-token.ts';
import { isManagedElsewhere, type User } from '../../domain/user/user.ts';
import type { FlowContext } from '../context.ts';

type PrepareContext = Pick<FlowContext, 'db' | 'mailOutbox' | 'oneTimeTokens' | 'tenants' | 'users'>;

/** Who gets a mail for a request, and of which kind; `undefined`: no mail is sent. */
interface Recipient {
  readonly template: MailTemplate;
  readonly email: string;
  readonly owner?: User | undefined;
}

const batchSize = 32;

/**
 * Looks up the accounts of requested mails, and puts the mails into the outbox. A request is answered before this, so that
 * the time of its answer says nothing about an address.
 *
 * @returns how many requests were handled
 */
export async function prepareRequestedMails(context: PrepareContext): Promise<number> {
  const prepare = async ({ tx }: Transaction) => {
    const requested = await context.oneTimeTokens.takeRequested(tx, batchSize);
    for (const token of requested) await prepareMail(context, tx, token);
    return requested.length;
  };
  for (let handled = 0; ; ) {
    const count = await withTransaction(context.db, prepare);
    handled += count;
    if (count < batchSize) return handled;
  }
}

async function prepareMail(context: PrepareContext, tx: Db, token: RequestedToken): Promise<void> {
  const { mailOutbox, oneTimeTokens, tenants, users } = context;
  if ((await tenants.find(tx, token.tenantId)).disabledAt !== null) return oneTimeTokens.drop(tx, token);
  const holder = await users.findByEmail(tx, token.tenantId, token.email);
  const recipient = await recipients[token.purpose]?.(context, tx, token, holder);
  if (recipient === undefined) return oneTimeTokens.drop(tx, token);
  const { template, email, owner } = recipient;
  const mail = { tenantId: token.tenantId, recipient: email, locale: owner?.locale ?? undefined, userId: owner?.id };
  if (template === 'sign_up_taken') {
    await oneTimeTokens.drop(tx, token);
    return mailOutbox.enqueue(tx, { ...mail, template, data: {} });
  }
  const mailed = await oneTimeTokens.prepare(tx, token, { ...(owner === undefined ? {} : { owner }), email });
  if (mailed === undefined) return;
  const { secret, code, tokenId, expiresAt } = mailed;
  await mailOutbox.enqueue(tx, { ...mail, template, data: { secret, code }, tokenId, expiresAt });
}

type RecipientOf = (
  context: PrepareContext,
  tx: Db,
  token: RequestedToken,
  holder: User | undefined,
) => Promise<Recipient | undefined>;

/** A mail to the address of an account goes to the address as stored, never as typed. */
const recipients: { readonly [Purpose in OneTimePurpose]?: RecipientOf } = {
  reset_password: async (_context, _tx, _token, holder) => toAccount('reset_password', holder),
  sign_in: async (_context, _tx, _token, holder) => toAccount('sign_in', holder),
  async verify_email(context, tx, token, holder) {
    const { userId, email } = token;
    if (userId !== null) return toAccount('verify_email', await findOwner(context, tx, token));
    return holder === undefined ? { template: 'verify_email', email } : toAccount('sign_up_taken', holder);
  },
  async change_email(context, tx, token, holder) {
    if (holder !== undefined) return toAccount('sign_up_taken', holder);
    const owner = await findOwner(context, tx, token);
    return owner === undefined ? undefined : { template: 'change_email', email: token.email, owner };
  },
};

/** The user who asked; `undefined` once its credentials changed: what was asked before counts no more. */
async function findOwner({ users }: PrepareContext, tx: Db, { owner }: RequestedToken): Promise<User | undefined> {
  const user = owner === null ? undefined : await users.find(tx, owner.id);
  return user?.credentialVersion === owner?.credentialVersion ? user : undefined;
}

function toAccount(template: MailTemplate, user: User | undefined): Recipient | undefined {
  if (user === undefined || user.email === null || user.disabledAt !== null || isManagedElsewhere(user))
    return undefined;
  return { template, email: user.email, owner: user };
}
