import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addNoun, withExample } from './define.ts';
import { printFromOwner } from './owner.ts';

const columns = ['kid', 'state', 'created_at', 'retired_at'];

/** Adds `keys`: the signing keys of access tokens. */
export function addKeys(program: Command, context: CommandContext): void {
  const keys = addNoun(program, 'keys', 'Lists and rotates the signing keys.');
  withExample(
    keys
      .command('list')
      .description('Lists the signing keys: current, next, then those that only verify.')
      .action(() => printFromOwner(context, async (owner) => (await owner.listKeys()).keys, columns)),
    'keys list',
  );
  withExample(
    keys
      .command('rotate')
      .description('Makes the next signing key the current one. The old one verifies until its last token has expired.')
      .action(() => printFromOwner(context, (owner) => owner.rotateKeys())),
    'keys rotate',
  );
}
