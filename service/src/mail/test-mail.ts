import { randomUUID } from 'node:crypto';
import { fail } from '@latchkey/contract';
import { errorText } from '@latchkey/core/internal';
import { parseMailFrom } from '../config/mail-settings.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import { toDeliveryFailure } from './delivery-failure.ts';
import type { DeliverableMail, DeliverMail } from './mail-delivery.ts';

/** What `mail test` prints. */
export interface SentTestMail {
  readonly sent_to: string;
  readonly answer: string;
}

/** Sends a test mail to an address. */
export type SendTestMail = (address: string) => Promise<SentTestMail>;

/**
 * Makes the function that sends a test mail at once, without the outbox.
 *
 * @param deliver `undefined`: there is no way to send
 * @throws invalid_request · mail_unavailable, with what the server said and the setting to change
 */
export function createTestMail(
  deliver: DeliverMail | undefined,
  causes: Pick<ServiceCauses, 'report' | 'explain'>,
): SendTestMail {
  return async (text) => {
    const recipient = parseMailFrom(text);
    if (recipient.mistake !== undefined || recipient.name !== '')
      throw fail('invalid_request', { message: `${text} is no address.` });
    if (deliver === undefined)
      throw fail('mail_unavailable', {
        message: 'There is no mail server: set LATCHKEY_SMTP_URL and LATCHKEY_MAIL_FROM.',
      });
    try {
      const answer = await deliver(testMail(recipient.address));
      return { sent_to: recipient.address, answer };
    } catch (error) {
      const { cause, failure } = toDeliveryFailure(error);
      if (cause !== undefined) causes.report(cause, { reason: failure });
      const advice = cause === undefined ? '' : ` (${causes.explain(cause)})`;
      const said = errorText(error);
      throw fail('mail_unavailable', { message: `The mail was not sent: ${said}${advice}.` });
    }
  };
}

const testMail = (recipient: string): DeliverableMail => ({
  ...{ id: randomUUID(), recipient, locale: null, data: {}, isProved: false },
  ...{ template: 'test', tenantId: 'default', tenantName: 'Default' },
});
