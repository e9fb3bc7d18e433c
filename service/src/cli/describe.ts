import { PassThrough } from 'node:stream';
import { createSystemClock } from '@latchkey/core/internal';
import type { Argument, Command } from 'commander';
import { examplesOf } from './define.ts';
import { createOutput } from './output.ts';
import { createProgram } from './program.ts';

/** An argument or an option of a command. */
export interface CommandTerm {
  /** As on a command line, such as `<email>` or `--tenant <id>`. */
  readonly term: string;
  readonly description: string;
}

/** One row of the reference of commands. */
export interface CommandRow {
  /** As on a command line, without the name of the program: `user list`. */
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly CommandTerm[];
  /** Without `--help`, and without `--json`, which every command has. */
  readonly options: readonly CommandTerm[];
  /** Command lines without the name of the program. */
  readonly examples: readonly string[];
  /** Of a noun, such as `user`; empty for a command that runs. */
  readonly verbs: readonly CommandRow[];
}

/**
 * Every command of the command line, for the documentation.
 *
 * @example
 * describeCommands().find(({ name }) => name === 'user')?.verbs.map(({ name }) => name); // ['user list', …]
 */
export function describeCommands(): readonly CommandRow[] {
  const unused = createOutput(new PassThrough());
  const program = createProgram({ env: {}, clock: createSystemClock(), stdout: unused, stderr: unused });
  return program.commands.map((command) => describe(command, command.name()));
}

function describe(command: Command, name: string): CommandRow {
  const help = command.createHelp();
  return {
    name,
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      term: toTerm(argument),
      description: help.argumentDescription(argument),
    })),
    options: command.options.map((option) => ({
      term: option.flags,
      description: help.optionDescription(option),
    })),
    examples: examplesOf(command),
    verbs: command.commands.map((verb) => describe(verb, `${name} ${verb.name()}`)),
  };
}

function toTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
