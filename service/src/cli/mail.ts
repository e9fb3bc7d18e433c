import type { Command } from 'commander';
import { type CommandContext, readCommandSettings } from './command-context.ts';
import { addNoun, withExample } from './define.ts';
import { printAnswer } from './print.ts';
import { sendTestMail } from './send-test-mail.ts';

/** Adds `mail`. */
export function addMail(program: Command, context: CommandContext): void {
  const mail = addNoun(program, 'mail', 'Tries the mail server.');
  withExample(
    mail
      .command('test')
      .description('Sends a mail now, and prints what the mail server said.')
      .argument('<address>')
      .action((address: string) => printTestMail(context, address)),
    'mail test ann@example.org',
  );
}

async function printTestMail(context: CommandContext, address: string): Promise<void> {
  printAnswer(context, await sendTestMail(readCommandSettings(context), address));
}
