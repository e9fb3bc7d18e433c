import type { Command } from 'commander';
import { createMailTester } from '../bootstrap/create-mail.ts';
import { type CommandContext, readCommandSettings } from './command-context.ts';
import { addNoun, withExample } from './define.ts';
import { findRunningOwner } from './owner.ts';
import { printAnswer } from './print.ts';

/** Adds `mail`. */
export function addMail(program: Command, context: CommandContext): void {
  const mail = addNoun(program, 'mail', 'Tries the mail server.');
  withExample(
    mail
      .command('test')
      .description('Sends a mail now, and prints what the mail server said.')
      .argument('<address>')
      .action((address: string) => sendTestMail(context, address)),
    'mail test ann@example.org',
  );
}

/** By the running service with the embedded database, else by the settings of this process, without a database. */
async function sendTestMail(context: CommandContext, address: string): Promise<void> {
  const settings = readCommandSettings(context);
  const running = await findRunningOwner(settings.config);
  const send = running?.sendTestMail ?? createMailTester(settings);
  printAnswer(context, await send(address));
}
