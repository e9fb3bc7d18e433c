import type { AdminMail, CursorPage } from '@latchkey/contract';
import type { FailedMail, FailedMailQuery } from '../../domain/mail/mail.ts';
import type { PageRequest } from '../../domain/pagination.ts';
import type { FlowContext } from '../context.ts';
import type { Actor } from './actor.ts';
import { listedTenant } from './listed-tenant.ts';

/** Mails that could not be sent, newest first. @throws tenant_unknown */
export async function listFailedMails(
  context: Pick<FlowContext, 'db' | 'mailOutbox' | 'tenants'>,
  actor: Actor,
  filter: PageRequest & FailedMailQuery,
): Promise<CursorPage<'mails', AdminMail>> {
  const tenantId = await listedTenant(context, actor, filter.tenantId);
  const { rows, next } = await context.mailOutbox.listFailed(context.db, { ...filter, tenantId });
  return { mails: rows.map(toView), next_cursor: next };
}

function toView(mail: FailedMail): AdminMail {
  return {
    id: mail.id,
    tenant_id: mail.tenantId,
    user_id: mail.userId,
    template: mail.template,
    tries: mail.tries,
    created_at: mail.createdAt.toISOString(),
    failed_at: mail.failedAt.toISOString(),
    failure: mail.failure,
  };
}
