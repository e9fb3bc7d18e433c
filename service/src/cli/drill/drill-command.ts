import { parseOrigin } from '@latchkey/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readSettings } from '../../config/env.ts';
import { type CommandContext, CommandFailure } from '../command-context.ts';
import { addNoun, parseWholeNumber, tenantOption, withExample } from '../define.ts';
import { toJson, writeResult } from '../print.ts';
import type { Drill, DrillStep } from './drill.ts';
import { drills } from './drills.ts';
import { type DrillReport, runDrill } from './run-drill.ts';

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
        .option('--url <origin>', 'the instance; default: LATCHKEY_PUBLIC_URL, or http://localhost:PORT', parseUrl)
        .addOption(tenantOption('the tenant of the users that are made'))
        .addOption(sizeOption('--sessions <n>', 'how many sessions take part in storm', { size: 50, max: 200 }))
        .addOption(
          sizeOption('--rounds <n>', 'how often lost-answers and revoke-during-refresh try', { size: 10, max: 1_000 }),
        )
        .action((options: DrillCommandOptions) => carryOut(context, drill, options)),
      `drill ${drill.name} --url http://localhost:4000`,
    );
}

function sizeOption(flags: string, description: string, { size, max }: { size: number; max: number }): Option {
  const parse = (text: string): number => {
    const number = parseWholeNumber(text);
    if (number < 1 || number > max) throw new InvalidArgumentError(`It is not from 1 to ${max}.`);
    return number;
  };
  return new Option(flags, description).argParser(parse).default(size);
}

/** @throws InvalidArgumentError the text is no origin */
function parseUrl(text: string): string {
  const { origin, mistake } = parseOrigin(text, 'server');
  if (origin === undefined) throw new InvalidArgumentError(`It ${mistake}.`);
  return origin;
}

/**
 * Prints each step as soon as it is there, or as JSON the whole report. The drill runs to its end also when the output has no
 * reader any more.
 *
 * @throws CommandFailure a property does not hold, or this process is in production · DrillError
 */
async function carryOut(
  context: CommandContext,
  drill: Drill,
  { url, ...options }: DrillCommandOptions,
): Promise<void> {
  const { env, clock, stdout, isJson } = context;
  const settings = readSettings(env);
  if (settings.nodeEnv === 'production')
    throw new CommandFailure('NODE_ENV is production: a drill runs in development only.');
  const report = await whileInterruptible((signal) =>
    runDrill(drill, {
      ...{ ...options, clock, signal, url: url ?? settings.publicUrl ?? `http://localhost:${settings.port}` },
      onStep: (step) => void (isJson() || stdout.write(formatStep(step))),
    }),
  );
  await (isJson() ? writeResult(context, toJson(report)) : writeVerdict(context, report));
  if (!report.ok) throw new CommandFailure(`The drill ${drill.name} failed.`);
}

/** What matters of the steps that could not be printed: the standard error output takes it. */
async function writeVerdict({ stdout, stderr }: CommandContext, { drill, ok, steps }: DrillReport): Promise<void> {
  await stdout.flush();
  if (stdout.error() === undefined) return;
  const shown = steps.filter(({ outcome }, index) => outcome === 'fail' || index === steps.length - 1);
  await stderr.write(shown.map(formatStep).join(''));
  if (ok) await stderr.write(`The drill ${drill} passed.\n`);
}

/** The first signal aborts the work, which then cleans up. The second one ends the process. */
async function whileInterruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, abort);
  }
}

const formatStep = ({ outcome, message }: DrillStep) => `${outcome}  ${message}\n`;
