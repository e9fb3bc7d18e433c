import { type Clock, createActivities, createPoller, withTimeout } from '@latchkey/core/internal';
import type { Db } from '../db/schema.ts';
import type { LeasedMail } from '../domain/mail/mail.ts';
import type { MailOutbox } from '../domain/mail/mail-outbox.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import { toDeliveryFailure } from './delivery-failure.ts';
import type { DeliverMail } from './mail-delivery.ts';

interface MailSenderDeps {
  readonly db: Db;
  readonly outbox: Pick<MailOutbox, 'lease' | 'markFailed' | 'markSent' | 'retry'>;
  readonly deliver: DeliverMail;
  readonly causes: Pick<ServiceCauses, 'report'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** How long a stop waits for mails under way. */
  readonly stopMs: number;
  readonly onTried?: MailObserver | undefined;
}

/** Takes what became of a try: `deferred` is tried again later, `refused` is not. */
export type MailObserver = (result: 'sent' | 'deferred' | 'refused') => void;

/** Mails under way together, of one node. */
const maxConcurrent = 4;
const periodMs = 1_000;
/** While more mails are due than can be sent together. */
const busyPeriodMs = 50;
/** Half of a lease, so that no other node sends a mail that is still under way. */
const maxSendMs = 60_000;

/** Sends what is in the outbox, outside of any transaction. A mail whose answer did not arrive is sent again. */
export function createMailSender(deps: MailSenderDeps) {
  const { db, outbox, deliver, causes, clock, onError, stopMs, onTried = () => {} } = deps;
  const sending = createActivities();
  let isBusy = false;
  const poller = createPoller({ poll, periodMs: () => (isBusy ? busyPeriodMs : jittered(periodMs)), clock, onError });

  async function poll(): Promise<void> {
    const free = maxConcurrent - sending.count();
    if (free === 0) return;
    const mails = await outbox.lease(db, free);
    isBusy = mails.length === free;
    for (const mail of mails) {
      const finish = sending.start(mail.template);
      void send(mail).catch(onError).finally(finish);
    }
  }

  async function send(mail: LeasedMail): Promise<void> {
    try {
      await withTimeout(clock, maxSendMs, deliver(mail), () => {
        throw Object.assign(new Error('the mail server took too long'), { code: 'ETIMEDOUT' });
      });
    } catch (error) {
      await fail(mail, error);
      return;
    }
    onTried('sent');
    await outbox.markSent(db, mail.id);
  }

  async function fail({ id, tries }: LeasedMail, error: unknown): Promise<void> {
    const { isPermanent, failure, cause } = toDeliveryFailure(error);
    onTried(isPermanent ? 'refused' : 'deferred');
    if (cause !== undefined) causes.report(cause, { mail_id: id, tries, reason: failure });
    await (isPermanent ? outbox.markFailed(db, id, failure) : outbox.retry(db, { id, tries }, failure));
  }

  return Object.freeze({
    name: 'mail',
    start: poller.start,
    /** Takes no further mail, and waits for those under way. What is not sent by then is sent by another node, or after the next start. */
    async stop() {
      await poller.stop();
      await withTimeout(clock, stopMs, sending.whenIdle(), () => {});
    },
  });
}

/** Nodes that started together do not poll together. */
const jittered = (ms: number) => ms * (1 + Math.random() * 0.1);
