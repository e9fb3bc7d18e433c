import { createMailTester } from '../bootstrap/create-mail.ts';
import type { SentTestMail } from '../mail/test-mail.ts';
import type { CommandSettings } from './command-context.ts';
import { findRunningOwner } from './owner.ts';

/**
 * Sends a mail by the running service with the embedded database, which may keep it in its mailbox, else by the settings of
 * this process, without a database.
 *
 * @throws Failure what the mail server said
 */
export async function sendTestMail(settings: CommandSettings, address: string): Promise<SentTestMail> {
  const running = await findRunningOwner(settings.config);
  const send = running?.sendTestMail ?? createMailTester(settings);
  return send(address);
}
