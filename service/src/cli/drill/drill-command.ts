import { type Command, Option } from 'commander';
import { createConfig } from '../../config/config.ts';
import { type CommandContext, CommandFailure } from '../command-context.ts';
import { addNoun, parseWholeNumber, tenantOption, withExample } from '../define.ts';
import { toJson } from '../print.ts';
import type { Drill, DrillStep } from './drill.ts';
import { drills } from './drills.ts';
import { runDrill } from './run-drill.ts';

interface DrillCommandOptions {
  readonly url?: string;
  readonly tenant: string;
  readonly sessions: number;
  readonly rounds: number;
}

/** Adds `drill`, with a verb for each drill. */
export function addDrill(program: Command, context: CommandContext): void {
  const noun = addNoun(program, 'drill', 'Carries out attacks and faults against an instance in development.');
  for (const drill of drills)
    withExample(
      noun
        .command(drill.name)
        .description(drill.description)
        .option('--url <origin>', 'the instance; default: LATCHKEY_PUBLIC_URL')
        .addOption(tenantOption('the tenant of the users that are made'))
        .addOption(sizeOption('--sessions <n>', 'how many sessions take part in storm', 50))
        .addOption(sizeOption('--rounds <n>', 'how often lost-answers and revoke-during-refresh try', 10))
        .action((options: DrillCommandOptions) => carryOut(context, drill, options)),
      `drill ${drill.name} --url http://localhost:4000`,
    );
}

const sizeOption = (flags: string, description: string, size: number) =>
  new Option(flags, description).argParser(parseWholeNumber).default(size);

/** Prints each step as soon as it is there, or as JSON the whole report. @throws CommandFailure · DrillError */
async function carryOut(
  { env, clock, stdout, isJson }: CommandContext,
  drill: Drill,
  { url = createConfig(env, { databaseOnly: true }).publicUrl, ...options }: DrillCommandOptions,
): Promise<void> {
  const report = await runDrill(drill, {
    ...{ ...options, url, clock },
    onStep: (step) => isJson() || stdout.write(formatStep(step)),
  });
  if (isJson()) stdout.write(toJson(report));
  if (!report.ok) throw new CommandFailure(`The drill ${drill.name} failed.`);
}

const formatStep = ({ outcome, message }: DrillStep) => `${outcome}  ${message}\n`;
