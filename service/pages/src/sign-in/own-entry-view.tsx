import { createMailApi } from '../mail/mail-api.ts';
import { getTickets } from '../mail/tickets.ts';
import type { PageSession } from '../open-page-session.ts';
import { ownFetch } from '../platform/own-fetch.ts';
import { tenantFromUrl } from '../tenant.ts';
import { words } from '../words/words.ts';
import { type EntryKind, EntryView } from './entry-view.tsx';
import { createOwnSignIn } from './own-sign-in.ts';
import { getSignInMemory } from './sign-in-memory.ts';

interface OwnEntryViewProps {
  readonly kind: EntryKind;
  readonly loadSession: () => Promise<PageSession>;
  readonly notice: string | undefined;
}

/** The forms of the service's own pages. The user of an operator's link becomes an operator. */
export function OwnEntryView({ kind, loadSession, notice }: OwnEntryViewProps) {
  const operatorInvite = kind === 'sign-up' ? parseOperatorInvite(location.hash) : undefined;
  return (
    <EntryView
      kind={kind}
      tenant={tenantFromUrl(location)}
      notice={notice}
      lead={operatorInvite && words().entry.operatorLead}
      operatorInvite={operatorInvite}
      api={createMailApi(ownFetch, location.origin)}
      tickets={getTickets()}
      memory={getSignInMemory()}
      post={createOwnSignIn(loadSession, ownFetch, location.origin)}
    />
  );
}

/** The code of `/signup#operator=<code>`, which stays in the address until it is used: a page may be loaded again. */
function parseOperatorInvite(fragment: string): string | undefined {
  return new URLSearchParams(fragment.slice(1)).get('operator') || undefined;
}
