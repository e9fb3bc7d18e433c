import { Command } from 'commander';
import { readPackageVersion } from '../base/package-version.ts';
import { addAudit } from './audit.ts';
import { addBackend } from './backend.ts';
import type { CommandContext, CommandIo } from './command-context.ts';
import { addConfig } from './config.ts';
import { addDatabase } from './database.ts';
import { refuseAmbiguousOptions } from './define.ts';
import { addDoctor } from './doctor/doctor-command.ts';
import { addDrill } from './drill/drill-command.ts';
import { addHelp } from './help.ts';
import { addInvitation } from './invitation.ts';
import { addKeys } from './keys.ts';
import { addMail } from './mail.ts';
import { addMigrate } from './migrate.ts';
import { addOperator } from './operator.ts';
import { addServe } from './serve.ts';
import { addSession } from './session.ts';
import { addTenant } from './tenant.ts';
import { addUser } from './user.ts';

/** Adds a command, or a noun with its verbs, to the program. */
type AddCommand = (program: Command, context: CommandContext) => void;

/** In the order of the help. A new noun is a file of this folder and a member here. */
const commands: readonly AddCommand[] = [
  addServe,
  addMigrate,
  addConfig,
  addDoctor,
  addDrill,
  addUser,
  addTenant,
  addSession,
  addInvitation,
  addOperator,
  addBackend,
  addKeys,
  addAudit,
  addMail,
  addDatabase,
  addHelp,
];

const exitCodes = `
Exit codes:
  0  done
  1  failed: something was refused, could not be reached, or is not as it should be
  2  usage: an unknown command, option or value

Settings are environment variables; \`latchkey config\` lists them.`;

/**
 * Makes the tree of commands. Does nothing until it parses the words of a command line.
 *
 * @throws CommanderError on parsing: usage, or help that was shown
 */
export function createProgram(io: CommandIo): Command {
  const program = new Command('latchkey');
  const context: CommandContext = { ...io, isJson: () => program.opts<{ json?: boolean }>().json === true };
  program
    .description('Runs and administrates the Latchkey service.')
    .version(readPackageVersion())
    .option('--json', 'prints data as JSON')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help for commands, options and an example.')
    .addHelpText('after', exitCodes);
  for (const add of commands) add(program, context);
  refuseAmbiguousOptions(program);
  return program;
}
