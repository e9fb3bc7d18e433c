import type { Command } from 'commander';
import { refuseUnknownCommand, withExample } from './define.ts';

/** Adds `help`, which shows what `--help` of the same command shows. */
export function addHelp(program: Command): void {
  withExample(
    program
      .command('help')
      .description('Shows the help of a command.')
      .argument('[command...]')
      .action((words: readonly string[]) => findCommand(program, words).help()),
    'help user list',
  );
}

/** Ends the run with an error of usage where there is no such command. */
function findCommand(program: Command, words: readonly string[]): Command {
  let found = program;
  for (const word of words)
    found = found.commands.find((command) => command.name() === word) ?? refuseUnknownCommand(found, word);
  return found;
}
