import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addNoun, assertConfirmed, confirmOption, withExample } from './define.ts';
import { printFromOwner } from './owner.ts';

/** Adds `database`. */
export function addDatabase(program: Command, context: CommandContext): void {
  const database = addNoun(program, 'database', 'Serves a database that was restored or moved.');
  withExample(
    database
      .command('restored')
      .description(
        'Serves a database that a backup was restored to. Ends every session: superseded tokens are valid again.',
      )
      .option('--keep-sessions', 'nothing is older than it was, as after pg_upgrade')
      .addOption(confirmOption())
      .action((options: RestoredOptions) => serveRestored(context, options)),
    'database restored --yes',
    'database restored --keep-sessions',
  );
}

interface RestoredOptions {
  readonly keepSessions?: boolean;
  readonly yes?: boolean;
}

function serveRestored(context: CommandContext, options: RestoredOptions): Promise<void> {
  const { keepSessions = false } = options;
  if (!keepSessions) assertConfirmed(options, 'ends every session');
  return printFromOwner(context, (owner) => owner.serveRestored({ keepSessions }));
}
