import type { AdminUser } from '@latchkey/contract';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addNoun, tenantOption, withExample } from './define.ts';
import { type Owner, printFromOwner, printListFromOwner } from './owner.ts';
import { pageSize, readPages } from './read-pages.ts';

const columns = ['id', 'email', 'tenant_id', 'operator'];

/** Adds `operator`: users who may use `/admin` and the console. */
export function addOperator(program: Command, context: CommandContext): void {
  const operator = addNoun(program, 'operator', 'Decides which users may use /admin and the console.');
  withExample(
    operator
      .command('list')
      .description('Lists operators.')
      .action(() => printListFromOwner(context, listOperators, columns)),
    'operator list',
  );
  const addVerb = (name: 'add' | 'remove', description: string) =>
    withExample(
      operator
        .command(name)
        .description(description)
        .argument('<user>', 'id or address of a registered user')
        .addOption(tenantOption('the tenant of the address'))
        .action((idOrEmail: string, { tenant: tenantId }: { readonly tenant: string }) =>
          printFromOwner(context, async (owner) => {
            const id = await owner.findUserId({ idOrEmail, tenantId });
            return toPrinted(await owner.setOperator({ id, operator: name === 'add' }));
          }),
        ),
      `operator ${name} ann@example.org`,
    );
  addVerb('add', 'Makes a user an operator.');
  addVerb('remove', 'Takes the operator flag from a user.');
}

async function* listOperators(owner: Owner): AsyncGenerator<readonly object[]> {
  const pages = readPages('users', (cursor) => owner.listUsers({ operator: true, limit: pageSize, cursor }));
  for await (const users of pages) yield users.map(toPrinted);
}

function toPrinted({ id, email, tenant_id, operator }: AdminUser) {
  return { id, email, tenant_id, operator };
}
