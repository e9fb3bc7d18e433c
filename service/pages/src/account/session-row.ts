import type { SessionInfo } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';
import { formatAge } from '../messages.ts';

/** One browser or device of the user. */
export function createSessionRow(session: SessionInfo, end: () => void): ListRow<SessionInfo> {
  const facts = element('p', { class: 'facts' });
  const presence = element('span', { class: 'presence' });
  const button = element(
    'button',
    {
      type: 'button',
      'data-testid': 'end-session',
      'aria-label': `End ${session.browser}, ${addressLabel(session)}`,
      onclick: end,
    },
    'End',
  );
  const badge = session.current ? element('span', { class: 'badge' }, 'This browser') : undefined;
  const node = element(
    'li',
    { class: 'session', 'data-testid': 'session-row', 'data-current': session.current },
    element('div', {}, element('p', { class: 'browser' }, session.browser, ' ', badge), facts),
    presence,
    session.current ? undefined : button,
  );
  return Object.freeze({
    node,
    update(next: SessionInfo, now: number) {
      setText(facts, `${addressLabel(next)} · active ${formatAge(next.last_active_at, now)}`);
      // This browser calls over a live connection, even if the service's list is older than that.
      const online = next.online || next.current;
      setText(presence, online ? 'Online' : 'Offline');
      node.dataset.online = String(online);
    },
  });
}

function addressLabel({ address_prefix }: SessionInfo): string {
  return address_prefix ?? 'address unknown';
}

/** This browser first, then those on a socket, then by the last sign of life. */
export function orderSessions(sessions: readonly SessionInfo[]): SessionInfo[] {
  const rank = (view: SessionInfo) => (view.current ? 0 : view.online ? 1 : 2);
  return [...sessions].sort((a, b) => rank(a) - rank(b) || Date.parse(b.last_active_at) - Date.parse(a.last_active_at));
}
