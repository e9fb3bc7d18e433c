import type { Command } from 'commander';
import { explainSettings } from '../config/explain.ts';
import type { CommandContext } from './command-context.ts';
import { withExample } from './define.ts';
import { printAnswer } from './print.ts';

const columns = ['name', 'value', 'source'];

/** Adds `config`. */
export function addConfig(program: Command, context: CommandContext): void {
  withExample(
    program
      .command('config')
      .description(
        'Lists the effective settings, secrets masked, and where each comes from. If settings are missing or wrong, it names only these.',
      )
      .action(() => printAnswer(context, explainSettings(context.env), columns)),
    'config',
  );
}
