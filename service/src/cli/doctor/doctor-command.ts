import type { Command } from 'commander';
import { type CommandContext, CommandFailure } from '../command-context.ts';
import { withExample } from '../define.ts';
import { toJson } from '../print.ts';
import { formatFinding } from './format-finding.ts';
import { runDoctor } from './run-doctor.ts';

interface DoctorOptions {
  readonly mail?: string;
}

/** Adds `doctor`. Its settings may be what is wrong, so that it reads them itself. */
export function addDoctor(program: Command, context: CommandContext): void {
  withExample(
    program
      .command('doctor')
      .description('Names what is wrong with the installation, and what to do. The exit code is 1 if a check failed.')
      .option('--mail <address>', 'sends a test mail to this address')
      .action((options: DoctorOptions) => examine(context, options)),
    'doctor --mail ann@example.org',
  );
}

/** Prints each finding as soon as it is there, or as JSON the whole report. @throws CommandFailure a check failed */
async function examine({ env, clock, stdout, isJson }: CommandContext, { mail }: DoctorOptions): Promise<void> {
  const { ok, findings } = await runDoctor({
    ...{ env, clock, mailTo: mail },
    onFinding: (finding) => void (isJson() || stdout.write(formatFinding(finding))),
  });
  if (isJson()) void stdout.write(toJson({ ok, findings }));
  const failed = findings.filter(({ outcome }) => outcome === 'failed').length;
  if (!ok) throw new CommandFailure(`Checks that failed: ${failed}.`);
}
