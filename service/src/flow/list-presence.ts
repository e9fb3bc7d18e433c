import type { PresenceEntry } from '../domain/presence/presence-entry.ts';
import type { FlowContext } from './context.ts';

/** All live sessions with sockets now, of all tenants, page by page. */
export function listPresence({
  presence,
}: Pick<FlowContext, 'presence'>): AsyncGenerator<readonly PresenceEntry[], void> {
  return presence.listAll();
}
