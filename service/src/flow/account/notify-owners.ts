import { browserName } from '../../base/user-agent.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { MailTemplate } from '../../domain/mail/mail.ts';
import type { NoticeCursor, NoticedSession } from '../../domain/notice/notice.ts';
import type { FlowContext } from '../context.ts';

type NotifyContext = Pick<FlowContext, 'config' | 'db' | 'mail' | 'mailOutbox' | 'notices'>;

/** Reasons of ends by which a copy of a token or of a code was found. */
const theftReasons: ReadonlySet<string | null> = new Set(['token_reused', 'generation_unknown', 'code_used']);

/** Sessions that ended so soon may not have been examined while they were live. */
const maxUnseenMs = 60_000;

/**
 * Mails users about their sessions: one that a copied token or code has ended, and a sign-in with another browser. A job does it
 * some seconds later, so that neither waits for it or fails by it.
 *
 * @returns how many mails were put into the outbox
 */
export async function notifyOwners(context: NotifyContext): Promise<number> {
  if (!context.mail.isAvailable()) return 0;
  return (await notifyAll(context, 'opened')) + (await notifyAll(context, 'ended'));
}

async function notifyAll(context: NotifyContext, name: NoticeCursor): Promise<number> {
  const notifyPage = async ({ tx }: Transaction) => {
    const { sessions, isFull } = await context.notices.take(tx, name);
    let mailed = 0;
    for (const session of sessions)
      for (const template of await noticesOf(context, tx, session)) {
        if (await enqueue(context, tx, session, template)) mailed += 1;
      }
    return { mailed, isFull };
  };
  for (let mailed = 0; ; ) {
    const page = await withTransaction(context.db, notifyPage);
    mailed += page.mailed;
    if (!page.isFull) return mailed;
  }
}

async function noticesOf(
  { config, notices }: NotifyContext,
  tx: Transaction['tx'],
  session: NoticedSession,
): Promise<readonly MailTemplate[]> {
  const { openedAt, endedAt, endReason } = session;
  const isRecent = endedAt === null || endedAt.getTime() - openedAt.getTime() < maxUnseenMs;
  const isNew = config.newSignInMails && isRecent && (await notices.isNewBrowser(tx, session));
  return [...(isNew ? ['new_sign_in' as const] : []), ...(theftReasons.has(endReason) ? ['token_theft' as const] : [])];
}

async function enqueue(
  { mailOutbox }: NotifyContext,
  tx: Transaction['tx'],
  { sid, userId, tenantId, email: recipient, locale, userAgent, openedAt, endedAt }: NoticedSession,
  template: MailTemplate,
): Promise<boolean> {
  const at = template === 'token_theft' ? endedAt : openedAt;
  const data = { at: at?.toISOString(), browser: browserName(userAgent) };
  return mailOutbox.enqueue(tx, { tenantId, userId, recipient, locale: locale ?? undefined, sid, template, data });
}
