import { parseArgs } from 'node:util';

/** What the command line asks for. `packages`: a folder of tarballs to take the packages of Latchkey from. */
type Arguments =
  | { readonly kind: 'create'; readonly folder: string; readonly packages: string | undefined }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

/**
 * Reads the arguments of the command line.
 *
 * @throws UsageError for an unknown option, and unless exactly one folder is named
 */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [folder, ...others] = positionals;
  if (folder === undefined || folder === '') throw new UsageError('Name the folder of the new app.');
  if (others.length > 0) throw new UsageError(`One folder is made at a time, but ${positionals.length} are named.`);
  if (values.packages === '') throw new UsageError('--packages needs a folder.');
  return { kind: 'create', folder, packages: values.packages };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        packages: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Wrong arguments of the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
