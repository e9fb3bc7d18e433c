import type { AdminInvitation } from '@latchkey/contract';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addNoun, parseUuid, tenantOption, withExample } from './define.ts';
import { type Owner, printFromOwner } from './owner.ts';
import { pageSize, readAllPages } from './read-pages.ts';

const columns = ['id', 'tenant_id', 'state', 'email', 'mailed', 'created_at', 'expires_at'];

interface NewInvitationOptions {
  readonly tenant: string;
  readonly link?: boolean;
}

/** Adds `invitation`. */
export function addInvitation(program: Command, context: CommandContext): void {
  const invitation = addNoun(program, 'invitation', 'Invites users into tenants.');
  withExample(
    invitation
      .command('list')
      .description('Lists invitations, the newest first.')
      .option('--tenant <id>', 'invitations into this tenant')
      .action(({ tenant }: { readonly tenant?: string }) =>
        printFromOwner(context, (owner) => listInvitations(owner, tenant), columns),
      ),
    'invitation list --tenant shop',
  );
  withExample(
    invitation
      .command('create')
      .description('Invites an address, also where registration is closed.')
      .argument('<email>')
      .addOption(tenantOption())
      .option('--link', 'prints the link, which is a credential, and sends no mail')
      .action((email: string, options: NewInvitationOptions) =>
        printFromOwner(context, (owner) => createInvitation(owner, email, options)),
      ),
    'invitation create ann@example.org --tenant shop',
  );
  withExample(
    invitation
      .command('revoke')
      .description('Makes the link of an invitation invalid.')
      .argument('<id>', 'its id', parseUuid)
      .action((id: string) => printFromOwner(context, (owner) => owner.revokeInvitation(id))),
    'invitation revoke 3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d',
  );
}

function listInvitations(owner: Owner, tenantId: string | undefined): Promise<AdminInvitation[]> {
  return readAllPages('invitations', (cursor) => owner.listInvitations({ tenantId, limit: pageSize, cursor }));
}

async function createInvitation(
  owner: Owner,
  email: string,
  { tenant: tenantId, link: wantsLink = false }: NewInvitationOptions,
): Promise<unknown> {
  const request = { tenantId, email, name: null, operator: false, appMetadata: {}, isMailed: !wantsLink };
  const { invitation, link } = await owner.createInvitation(request);
  return link === undefined ? invitation : { ...invitation, link };
}
