import type { Command } from 'commander';
import { migrateAndReport } from '../bootstrap/open-migrated-database.ts';
import { describePending, listMigrations, type MigrationStatus } from '../db/migrate.ts';
import { type CommandContext, CommandFailure, readCommandSettings } from './command-context.ts';
import { addNoun, refuseUnknownCommand, withExample } from './define.ts';
import { findRunningOwner } from './owner.ts';
import { printAnswer } from './print.ts';
import { withDatabase } from './with-database.ts';

const columns = ['name', 'applied_at'];

/** Adds `migrate`. Without a verb it is `migrate up`. */
export function addMigrate(program: Command, context: CommandContext): void {
  const migrate = addNoun(program, 'migrate', 'Brings the schema of the database up to date.');
  const up = migrate
    .command('up', { isDefault: true })
    .description('Applies the migrations that the database lacks (default).')
    .option('--dry-run', 'lists them, and applies nothing')
    .allowExcessArguments()
    .action(({ dryRun = false }: { readonly dryRun?: boolean }) => {
      // Other verbs come here as well, because this one is the default.
      const [word] = up.args;
      if (word !== undefined) refuseUnknownCommand(migrate, word);
      return dryRun ? showPending(context) : applyPending(context);
    });
  withExample(up, 'migrate', 'migrate up --dry-run');
  withExample(
    migrate
      .command('status')
      .description('Lists all migrations. The exit code is 1 if the database lacks one.')
      .action(() => showStatus(context)),
    'migrate status',
  );
}

async function readMigrations(context: CommandContext): Promise<readonly MigrationStatus[]> {
  const settings = readCommandSettings(context, { databaseOnly: true });
  const running = await findRunningOwner(settings.config);
  if (running !== undefined) return running.listMigrations();
  return withDatabase(settings, { migrated: false }, ({ db }) => listMigrations(db));
}

const readPending = async (context: CommandContext) =>
  (await readMigrations(context)).filter(({ applied_at: at }) => at === null);

async function showPending(context: CommandContext): Promise<void> {
  printAnswer(context, await readPending(context), columns);
}

async function showStatus(context: CommandContext): Promise<void> {
  const migrations = await readMigrations(context);
  printAnswer(context, migrations, columns);
  const pending = migrations.filter(({ applied_at: at }) => at === null).map(({ name }) => name);
  if (pending.length > 0) throw new CommandFailure(describePending(pending));
}

/** A running service with the embedded database has applied its own at the start. */
async function applyPending(context: CommandContext): Promise<void> {
  const settings = readCommandSettings(context, { databaseOnly: true });
  const isOwned = (await findRunningOwner(settings.config)) !== undefined;
  const applied = isOwned
    ? []
    : await withDatabase(settings, { migrated: false }, (database) => migrateAndReport(database, settings.log));
  settings.log.info({ applied }, applied.length === 0 ? 'the schema is up to date' : 'migrated');
  printAnswer(context, { applied });
}
