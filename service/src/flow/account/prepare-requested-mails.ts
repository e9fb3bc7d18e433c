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
 * the time of its answer says nothing about an address. A request of a user whose row another transaction changes is left
 * for the next call.
 *
 * @returns how many requests were handled
 */
export async function prepareRequestedMails(context: PrepareContext): Promise<number> {
  const prepare = async ({ tx }: Transaction) => {
    const requested = await context.oneTimeTokens.takeRequested(tx, batchSize);
    let done = 0;
    for (const token of requested) if (await prepareMail(context, tx, token)) done += 1;
    return { done, isLast: requested.length < batchSize || done === 0 };
  };
  for (let handled = 0; ; ) {
    const { done, isLast } = await withTransaction(context.db, prepare);
    handled += done;
    if (isLast) return handled;
  }
}

/** @returns false: the row of the user is changed now, for example deleted, and nothing was done */
async function prepareMail(context: PrepareContext, tx: Db, token: RequestedToken): Promise<boolean> {
  const { mailOutbox, oneTimeTokens, tenants, users } = context;
  const drop = () => oneTimeTokens.drop(tx, token).then(() => true);
  if ((await tenants.find(tx, token.tenantId)).disabledAt !== null) return drop();
  const holder = await users.findByEmail(tx, token.tenantId, token.email);
  const recipient = await recipients[token.purpose]?.(context, tx, token, holder);
  if (recipient === undefined) return drop();
  const { template, email, owner } = recipient;
  // A deletion locks the user before its tokens, so waiting for it here, with a token locked, would be a deadlock.
  if (owner !== undefined && !(await users.tryLock(tx, owner))) return false;
  const mail = { tenantId: token.tenantId, recipient: email, locale: owner?.locale ?? undefined, userId: owner?.id };
  if (template === 'sign_up_taken') {
    await mailOutbox.enqueue(tx, { ...mail, template, data: {} });
    return drop();
  }
  const mailed = await oneTimeTokens.prepare(tx, token, { ...(owner === undefined ? {} : { owner }), email });
  if (mailed === undefined) return true;
  const { secret, code, tokenId, expiresAt } = mailed;
  await mailOutbox.enqueue(tx, { ...mail, template, data: { secret, code }, tokenId, expiresAt });
  return true;
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

/** The user of the request. `undefined` if its credentials have changed since, because the request is then ignored. */
async function findOwner({ users }: PrepareContext, tx: Db, { owner }: RequestedToken): Promise<User | undefined> {
  const user = owner === null ? undefined : await users.find(tx, owner.id);
  return user?.credentialVersion === owner?.credentialVersion ? user : undefined;
}

function toAccount(template: MailTemplate, user: User | undefined): Recipient | undefined {
  if (user === undefined || user.email === null || user.disabledAt !== null || isManagedElsewhere(user))
    return undefined;
  return { template, email: user.email, owner: user };
}
