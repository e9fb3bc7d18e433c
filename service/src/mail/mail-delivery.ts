import type { LeasedMail, OutgoingMail, RenderedMail } from '../domain/mail/mail.ts';
import { type Catalogues, loadCatalogues } from './catalogue.ts';
import type { MailLinks } from './mail-links.ts';
import type { SendMail } from './mail-transport.ts';
import { type MailContent, renderMail, toShownData } from './render-mail.ts';

/** A mail that is to be sent now. */
export type DeliverableMail = MailContent & Pick<LeasedMail, 'id' | 'recipient'>;

interface MailDeliveryDeps {
  readonly links: Pick<MailLinks, 'make'>;
  readonly send: SendMail;
  /** Domain of the Message-ID. */
  readonly messageHost: string;
  /** Name of the default tenant in mails, as long as it has none of its own. */
  readonly serviceName: string;
}

export type DeliverMail = (mail: DeliverableMail) => Promise<string>;

/** Name that the first migration gives to the default tenant. */
const unnamedTenant = 'Default';

/**
 * Renders a mail and sends it. Returns what the server said.
 *
 * @example
 * const deliver = createMailDelivery({ links, send, messageHost: 'id.example', serviceName: 'Example' });
 * await deliver(mail);
 */
export function createMailDelivery({ links, send, messageHost, serviceName }: MailDeliveryDeps): DeliverMail {
  let loading: Promise<Catalogues> | undefined;

  async function render(mail: MailContent): Promise<RenderedMail> {
    loading ??= loadCatalogues();
    return renderMail(mail, toShownData(mail, links), await loading);
  }

  return async (mail) => {
    const tenantName = mail.tenantName === unnamedTenant ? serviceName : mail.tenantName;
    const outgoing: OutgoingMail = {
      ...(await render({ ...mail, tenantName })),
      to: mail.recipient,
      messageId: `<${mail.id}@${messageHost}>`,
    };
    return send(outgoing);
  };
}
