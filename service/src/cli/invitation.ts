import { type AdminInvitation, Failure } from '@latchkey/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { exactNumberRule, hasExactNumbers } from '../base/exact-numbers.ts';
import { isDisplayName, isProfile } from '../base/profile-values.ts';
import { findRepeatedMembers, repeatedMemberRule } from '../base/repeated-members.ts';
import { type CommandContext, CommandFailure } from './command-context.ts';
import { addNoun, parseUuid, tenantOption, withExample } from './define.ts';
import { describeFailure } from './error-message.ts';
import { type Owner, printFromOwner, printListFromOwner } from './owner.ts';
import { parseObject } from './parse-object.ts';
import { pageSize, readPages } from './read-pages.ts';

const columns = ['id', 'tenant_id', 'state', 'email', 'mailed', 'created_at', 'expires_at'];

interface NewInvitationOptions {
  readonly tenant: string;
  readonly name?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly operator?: boolean;
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
        printListFromOwner(context, (owner) => listInvitations(owner, tenant), columns),
      ),
    'invitation list --tenant shop',
  );
  withExample(
    invitation
      .command('create')
      .description('Invites an address, also where registration is closed.')
      .argument('<email>')
      .addOption(tenantOption())
      .option('--name <name>', 'the name of the user, until the user chooses another', parseName)
      .option('--metadata <json>', 'the app_metadata of the user, an object of JSON', parseMetadata)
      .option('--operator', 'the user becomes an operator')
      .option('--link', 'prints the link, which is a credential, and sends no mail')
      .action((email: string, options: NewInvitationOptions) =>
        printFromOwner(context, (owner) => createInvitation(owner, email, options)),
      ),
    'invitation create ann@example.org --tenant shop',
    `invitation create ann@example.org --name Ann --metadata '{"roles":["editor"]}'`,
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

function listInvitations(owner: Owner, tenantId: string | undefined): AsyncGenerator<readonly AdminInvitation[]> {
  return readPages('invitations', (cursor) => owner.listInvitations({ tenantId, limit: pageSize, cursor }));
}

async function createInvitation(
  owner: Owner,
  email: string,
  {
    tenant: tenantId,
    name = null,
    metadata: appMetadata = {},
    operator = false,
    link: wantsLink = false,
  }: NewInvitationOptions,
): Promise<unknown> {
  const request = { tenantId, email, name, operator, appMetadata, isMailed: !wantsLink };
  const { invitation, link } = await owner.createInvitation(request).catch(suggestLink);
  return link === undefined ? invitation : { ...invitation, link };
}

/** @throws CommandFailure in place of mail_unavailable · what was thrown */
function suggestLink(error: unknown): never {
  if (!(error instanceof Failure && error.code === 'mail_unavailable')) throw error;
  throw new CommandFailure(`${describeFailure(error)} Or add --link, which prints the link for you to send.`);
}

/** @throws InvalidArgumentError */
function parseName(text: string): string {
  if (isDisplayName(text)) return text;
  throw new InvalidArgumentError('It has to be 1 to 200 characters, and no control characters.');
}

/** @throws InvalidArgumentError it is no object, or one that would be stored as another */
function parseMetadata(text: string): Readonly<Record<string, unknown>> {
  const value = parseObject(text);
  if (!isProfile(value)) throw new InvalidArgumentError('It is no object of JSON of at most 8 KB and eight levels.');
  if (!hasExactNumbers(text)) throw new InvalidArgumentError(exactNumberRule);
  const repeated = findRepeatedMembers(text).next().value;
  if (repeated !== undefined) throw new InvalidArgumentError(`${repeated.join('.')} ${repeatedMemberRule}.`);
  return value;
}
