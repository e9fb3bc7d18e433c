import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { mailServerOf, parseMailFrom } from '../config/mail-settings.ts';
import type { Db } from '../db/schema.ts';
import type { MailOutbox } from '../domain/mail/mail-outbox.ts';
import { allowsMailbox, createDevelopmentMailbox, type DevelopmentMailbox } from '../mail/development-mailbox.ts';
import { createMailAvailability } from '../mail/mail-availability.ts';
import { createMailDelivery } from '../mail/mail-delivery.ts';
import { createMailLinks, type LinkTargets, type MailLinks, ownLinkTargets } from '../mail/mail-links.ts';
import { createMailSender } from '../mail/mail-sender.ts';
import { createSmtpTransport, type SendMail } from '../mail/mail-transport.ts';
import { createTestMail, type SendTestMail } from '../mail/test-mail.ts';
import { createServiceCauses, type ServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import type { Component } from './lifecycle.ts';

interface MailDeps {
  readonly config: Config;
  /** Pages that links in mails open. */
  readonly targets: LinkTargets;
  readonly mailOutbox: MailOutbox;
  readonly db: Db;
  readonly causes: ServiceCauses;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** There is a reader for the link of the development mailbox. */
  readonly wantsMailbox: boolean;
}

/** What flows ask before they promise a mail, and the components that send. Without a way to send, mails wait until they expire. */
export function createMail(deps: MailDeps) {
  const { config, mailOutbox: outbox, db, causes, clock, onError } = deps;
  const links = createMailLinks(deps.targets);
  const mailbox = mailboxOf(deps);
  const send = smtpOf(config) ?? mailbox?.send;
  const deliver = send && deliveryOf(config, { links, send });
  const stopMs = (config.shutdownDeadlineInSecs * 1_000) / 2;
  const components: readonly Component[] =
    deliver === undefined ? [] : [createMailSender({ db, outbox, deliver, causes, clock, onError, stopMs })];
  return Object.freeze({
    availability: createMailAvailability({ canSend: send !== undefined, links }),
    components,
    mailbox,
    sendTestMail: createTestMail(deliver, causes),
  });
}

function mailboxOf({ config, clock, wantsMailbox }: MailDeps): DevelopmentMailbox | undefined {
  if (!wantsMailbox || !allowsMailbox(config)) return undefined;
  return createDevelopmentMailbox({ publicUrl: config.publicUrl, now: clock.now });
}

/** Sends a test mail without a node. */
export function createMailTester({
  config,
  log,
  clock,
}: {
  readonly config: Config;
  readonly log: ServiceLogger;
  readonly clock: Clock;
}): SendTestMail {
  const send = smtpOf(config);
  const links = createMailLinks(ownLinkTargets(config));
  return createTestMail(send && deliveryOf(config, { links, send }), createServiceCauses({ log, clock }));
}

/** Names in mails are those of the configuration. */
function deliveryOf(
  { publicUrl, mailFrom = '' }: Pick<Config, 'publicUrl' | 'mailFrom'>,
  deps: { readonly links: MailLinks; readonly send: SendMail },
) {
  const { hostname } = new URL(publicUrl);
  const from = parseMailFrom(mailFrom);
  const name = from.mistake === undefined ? from.name : '';
  return createMailDelivery({ ...deps, messageHost: hostname, serviceName: name === '' ? hostname : name });
}

/** `undefined`: no mail server is configured. */
function smtpOf(config: Config): SendMail | undefined {
  const configured = mailServerOf(config);
  return configured && createSmtpTransport({ ...configured, requireTls: config.production });
}
