import { closestMatch, uuidPattern } from '@latchkey/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isStorableTime } from '../base/storable-time.ts';
import { CommandFailure } from './command-context.ts';

const examples = new WeakMap<Command, readonly string[]>();

/** A command that only groups others, such as `user`. */
export function addNoun(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).helpCommand(false);
}

/** Adds examples to the help of a command, without the name of the program. */
export function withExample(command: Command, ...lines: readonly string[]): Command {
  examples.set(command, lines);
  const shown = lines.map((line) => `  $ latchkey ${line}`.trimEnd());
  return command.addHelpText('after', `\nExample:\n${shown.join('\n')}`);
}

/** The examples of a command. */
export const examplesOf = (command: Command): readonly string[] => examples.get(command) ?? [];

/** `--tenant` of a command about one tenant. */
export const tenantOption = (description = 'the tenant'): Option =>
  new Option('--tenant <id>', description).default('default');

/** `--yes` of a command that cannot be undone. */
export const confirmOption = (): Option => new Option('--yes', 'do it: this cannot be undone');

/**
 * @param effect what the command does, which cannot be undone, such as `deletes the user`
 * @throws CommandFailure the option `--yes` is not there
 */
export function assertConfirmed({ yes = false }: { readonly yes?: boolean }, effect: string): void {
  if (!yes) throw new CommandFailure(`This ${effect}. Add --yes to do it.`);
}

/** Texts separated by commas or spaces. @throws InvalidArgumentError there is none, as where a variable is empty */
export function splitList(text: string): string[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('It is empty.');
  return parts;
}

/** @throws InvalidArgumentError the text is no UUID */
export function parseUuid(text: string): string {
  if (!uuidPattern.test(text)) throw new InvalidArgumentError('It is no UUID.');
  return text.toLowerCase();
}

/** @throws InvalidArgumentError the text is no whole number of at most seven digits */
export function parseWholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('It is no whole number of at most seven digits.');
  return Number(text);
}

/** A time in ISO 8601, as a date or with a time of day. Without a zone it is UTC. @throws InvalidArgumentError */
export function parseTime(text: string): string {
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const hasZone = /(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T');
  const time = isIso ? Date.parse(hasZone ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(time) || !isDate(text.slice(0, 10)))
    throw new InvalidArgumentError('It is no time of ISO 8601, such as 2026-01-31T12:00:00Z.');
  const iso = new Date(time).toISOString();
  if (!isStorableTime(iso)) throw new InvalidArgumentError('It has to be of the years 1970 to 9999.');
  return iso;
}

/** Whether the day exists: `Date` takes the 31st of February for a day of March. */
function isDate(text: string): boolean {
  return new Date(`${text}T00:00Z`).toISOString().startsWith(text);
}

/** @throws InvalidArgumentError the text is no whole number from 1 */
export function parsePositiveNumber(text: string): number {
  const number = parseWholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('It has to be 1 or more.');
  return number;
}

/** Ends the run with an error of usage about a word that names no command, and names the one that was probably meant. */
export function refuseUnknownCommand(parent: Command, word: string): never {
  const match = closestMatch(
    word,
    parent.commands.map((command) => command.name()),
  );
  const suggestion = match === undefined ? '' : `\n(Did you mean ${match}?)`;
  return parent.error(`error: unknown command '${word}'${suggestion}`, { code: 'commander.unknownCommand' });
}

/** Refuses options that are there twice, and values that look like another option, in every command below. */
export function refuseAmbiguousOptions(command: Command): void {
  for (const option of command.options) {
    let count = 0;
    command.on(`option:${option.name()}`, (value: string | null) => {
      count += 1;
      if (count > 1) command.error(`error: option '${option.flags}' is there twice`);
      if (value?.startsWith('--')) command.error(`error: option '${option.flags}' argument missing`);
    });
  }
  for (const child of command.commands) refuseAmbiguousOptions(child);
}
