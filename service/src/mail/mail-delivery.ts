import type { LeasedMail, OutgoingMail, RenderedMail } from '../domain/mail/mail.ts';
import type { Hooks } from '../hook/hook.ts';
import { type Catalogues, loadCatalogues } from './catalogue.ts';
import type { MailLinks } from './mail-links.ts';
import type { SendMail } from './mail-transport.ts';
import { type MailContent, renderMail, toShownData } from './render-mail.ts';

/** A mail that is to be sent now. */
export type DeliverableMail = MailContent & Pick<LeasedMail, 'id' | 'recipient'>;

interface MailDeliveryDeps {
  readonly links: Pick<MailLinks, 'make'>;
  readonly send: SendMail;
  /** The hook that replaces the words. */
  readonly renderMail: Hooks['renderMail'];
  /** Domain of the Message-ID. */
  readonly messageHost: string;
  /** Name of the default tenant in mails, as long as it has none of its own. */
  readonly serviceName: string;
  /** Where logos are loaded from. `undefined`: mails have none. */
  readonly logoOrigin?: string | undefined;
}

export type DeliverMail = (mail: DeliverableMail) => Promise<string>;

/** Name that the first migration gives to the default tenant. */
const unnamedTenant = 'Default';

/**
 * Renders a mail and sends it. Returns what the server said.
 *
 * @example
 * const deliver = createMailDelivery({ links, send, renderMail: hooks.renderMail, messageHost: 'id.example', serviceName: 'Example' });
 * await deliver(mail);
 */
export function createMailDelivery(deps: MailDeliveryDeps): DeliverMail {
  const { links, send, messageHost, serviceName, logoOrigin, renderMail: hook } = deps;
  let loading: Promise<Catalogues> | undefined;

  async function render(mail: MailContent): Promise<RenderedMail> {
    const { template, locale, tenantId, tenantName } = mail;
    const data = toShownData(mail, links);
    const rendered = await hook?.({ template, locale, tenant: { id: tenantId, name: tenantName }, data });
    if (rendered !== undefined) return rendered;
    loading ??= loadCatalogues();
    return renderMail(mail, data, await loading, logoOrigin);
  }

  return async (mail) => {
    const tenantName = mail.brand?.name ?? (mail.tenantName === unnamedTenant ? serviceName : mail.tenantName);
    const outgoing: OutgoingMail = {
      ...(await render({ ...mail, tenantName })),
      to: mail.recipient,
      messageId: `<${mail.id}@${messageHost}>`,
    };
    return send(outgoing);
  };
}
