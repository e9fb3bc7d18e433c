import { type AdminBackend, type AdminBackendSecret, backendScopes } from '@latchkey/contract';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addNoun, splitList, withExample } from './define.ts';
import { type Owner, printFromOwner, printListFromOwner, withOwner } from './owner.ts';
import { toJson } from './print.ts';
import { pageSize, readPages } from './read-pages.ts';

const columns = ['id', 'name', 'tenant_id', 'scopes', 'origins', 'disabled_at', 'created_at'];

interface NewBackendOptions {
  readonly id?: string;
  readonly tenant?: string;
  readonly scopes?: string[];
  readonly origins?: string[];
}

/** Adds `backend`: the credentials of servers that use the service. */
export function addBackend(program: Command, context: CommandContext): void {
  const backend = addNoun(program, 'backend', 'Makes and replaces the credentials of backends.');
  withExample(
    backend
      .command('list')
      .description('Lists backends, without their secrets.')
      .action(() => printListFromOwner(context, listBackends, columns)),
    'backend list',
  );
  withExample(
    backend
      .command('create')
      .description('Creates a backend. Prints its credential as JSON, this once.')
      .argument('<name>')
      .option('--id <id>', 'lower-case letters, digits, - and _; default: made from the name')
      .option('--tenant <id>', 'the only tenant that it reaches; default: all')
      .option('--scopes <a,b>', `what it may do: ${backendScopes.join(', ')}; default: all but admin`, splitList)
      .option('--origins <a,b>', 'origins of its pages; default: any', splitList)
      .action((name: string, { id, tenant: tenantId, scopes, origins }: NewBackendOptions) =>
        printCredential(context, (owner) => owner.createBackend({ name, id, tenantId, scopes, origins })),
      ),
    'backend create Shop --id shop --scopes relay,feed > backend.json',
  );
  withExample(
    backend
      .command('rotate')
      .description('Makes a new secret, and prints the credential. The secret before is accepted until the next one.')
      .argument('<id>')
      .action((id: string) => printCredential(context, (owner) => owner.rotateBackend(id))),
    'backend rotate shop > backend.json',
  );
  withExample(
    backend
      .command('remove')
      .description('Removes a backend. Its connections are closed within 5 s.')
      .argument('<id>')
      .action((id: string) => printFromOwner(context, (owner) => owner.removeBackend(id))),
    'backend remove shop',
  );
}

const listBackends = (owner: Owner): AsyncGenerator<readonly AdminBackend[]> =>
  readPages('backends', (cursor) => owner.listBackends({ limit: pageSize, cursor }));

/** Always JSON: it is the file that apps read, as in `backend.json`. */
async function printCredential(
  context: CommandContext,
  issue: (owner: Owner) => Promise<AdminBackendSecret>,
): Promise<void> {
  const { backend, secret } = await withOwner(context, issue);
  void context.stdout.write(toJson({ backend_id: backend.id, backend_secret: secret }));
}
