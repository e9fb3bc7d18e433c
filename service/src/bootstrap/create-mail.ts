import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import { mailServerOf, parseMailFrom } from '../config/mail-settings.ts';
import type { Db } from '../db/schema.ts';
import type { MailOutbox } from '../domain/mail/mail-outbox.ts';
import type { Hooks } from '../hook/hook.ts';
import type { OnHookFailure } from '../hook/hook-runner.ts';
import { createHooks } from '../hook/hooks.ts';
import { toDeliveryFailure } from '../mail/delivery-failure.ts';
import { allowsMailbox, createDevelopmentMailbox, type DevelopmentMailbox } from '../mail/development-mailbox.ts';
import { createMailAvailability } from '../mail/mail-availability.ts';
import { createMailDelivery } from '../mail/mail-delivery.ts';
import { createMailLinks, type LinkTargets, type MailLinks, ownLinkTargets } from '../mail/mail-links.ts';
import { createMailSender, type MailObserver } from '../mail/mail-sender.ts';
import { createSmtpTransport, type SendMail, verifySmtpServer } from '../mail/mail-transport.ts';
import { createTestMail, type SendTestMail } from '../mail/test-mail.ts';
import { createServiceCauses, type ServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { loadConfiguredHooks } from './configured-hooks.ts';
import type { Component } from './lifecycle.ts';

interface MailDeps {
  readonly config: Config;
  readonly hooks: Pick<Hooks, 'renderMail' | 'sendMail'>;
  /** Pages that links in mails open. */
  readonly targets: LinkTargets;
  readonly mailOutbox: MailOutbox;
  readonly db: Db;
  readonly causes: ServiceCauses;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** There is a reader for the link of the development mailbox. */
  readonly wantsMailbox: boolean;
  /** Mails wait for a node, which in development has a mailbox for them. Default: false. */
  readonly leavesMailToNodes?: boolean;
  /** Called after each try to send a mail. Default: nothing. */
  readonly onMailTried?: MailObserver;
}

/** What flows ask before they promise a mail, and the components that send. Without a way to send, mails wait until they expire. */
export function createMail(deps: MailDeps) {
  const { config, hooks, mailOutbox: outbox, db, causes, clock, onError } = deps;
  const links = createMailLinks(deps.targets);
  const mailbox = mailboxOf(deps);
  const send = hookOf(hooks) ?? smtpOf(config) ?? mailbox?.send;
  const deliver = send && deliveryOf(config, { links, send, renderMail: hooks.renderMail });
  const stopMs = (config.shutdownDeadlineInSecs * 1_000) / 2;
  const components: readonly Component[] =
    deliver === undefined
      ? []
      : [createMailSender({ db, outbox, deliver, causes, clock, onError, stopMs, onTried: deps.onMailTried })];
  return Object.freeze({
    availability: createMailAvailability({ canSend: send !== undefined || waitsForMailbox(deps), links }),
    links,
    components,
    mailbox,
    sendTestMail: createTestMail(deliver, causes),
  });
}

const waitsForMailbox = ({ config, leavesMailToNodes = false }: MailDeps) => leavesMailToNodes && allowsMailbox(config);

function mailboxOf({ config, hooks, clock, wantsMailbox }: MailDeps): DevelopmentMailbox | undefined {
  if (!wantsMailbox || hooks.sendMail !== undefined || !allowsMailbox(config)) return undefined;
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
  const causes = createServiceCauses({ log, clock });
  const links = createMailLinks(ownLinkTargets(config));
  return async (address) => {
    const functions = await loadConfiguredHooks(config);
    const timeoutMs = config.hookTimeoutInSecs * 1_000;
    const onFailure: OnHookFailure = (cause, hook, error) => causes.report(cause, { hook, err: error });
    const hooks = createHooks(functions, { clock, timeoutMs, onFailure });
    const send = hookOf(hooks) ?? smtpOf(config);
    const deliver = send && deliveryOf(config, { links, send, renderMail: hooks.renderMail });
    return createTestMail(deliver, causes)(address);
  };
}

/**
 * Tries the mail server without a mail.
 *
 * @returns what failed, without text of the server, or `undefined`: it takes mails
 */
export async function findMailServerFailure({
  production,
  ...config
}: Pick<Config, 'production' | 'smtpUrl' | 'mailFrom'>): Promise<string | undefined> {
  const configured = mailServerOf(config);
  if (configured === undefined) return 'no mail server is configured';
  try {
    await verifySmtpServer({ server: configured.server, requireTls: production });
    return undefined;
  } catch (error) {
    return toDeliveryFailure(error).failure;
  }
}

/** Names in mails are those of the configuration. */
function deliveryOf(
  { publicUrl, mailFrom = '' }: Pick<Config, 'publicUrl' | 'mailFrom'>,
  deps: { readonly links: MailLinks; readonly send: SendMail; readonly renderMail: Hooks['renderMail'] },
) {
  const { hostname } = new URL(publicUrl);
  const from = parseMailFrom(mailFrom);
  const name = from.mistake === undefined ? from.name : '';
  return createMailDelivery({
    ...deps,
    messageHost: hostname,
    serviceName: name === '' ? hostname : name,
    logoOrigin: publicUrl.startsWith('https://') ? publicUrl : undefined,
  });
}

/** `undefined`: no mail server is configured. */
function smtpOf(config: Config): SendMail | undefined {
  const configured = mailServerOf(config);
  return configured && createSmtpTransport({ ...configured, requireTls: config.production });
}

/** `undefined`: the hook is not set. */
function hookOf({ sendMail }: Pick<Hooks, 'sendMail'>): SendMail | undefined {
  return (
    sendMail &&
    (async (mail) => {
      await sendMail(mail);
      return 'taken by the hook sendMail';
    })
  );
}
