import type { SessionView } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import type { ListRow } from '../keyed-list.ts';
import { ageOf } from '../words.ts';

/** One browser or device of the person. */
export function createSessionRow(view: SessionView, end: () => void): ListRow<SessionView> {
  const facts = element('p', { class: 'facts' });
  const presence = element('span', { class: 'presence' });
  const button = element(
    'button',
    {
      type: 'button',
      'data-testid': 'end-session',
      'aria-label': `End ${view.browser}, ${placeOf(view)}`,
      onclick: end,
    },
    'End',
  );
  const badge = view.current ? element('span', { class: 'badge' }, 'This browser') : undefined;
  const node = element(
    'li',
    { class: 'session', 'data-testid': 'session-row', 'data-current': view.current },
    element('div', {}, element('p', { class: 'browser' }, view.browser, ' ', badge), facts),
    presence,
    view.current ? undefined : button,
  );
  return Object.freeze({
    node,
    update(next: SessionView, now: number) {
      setText(facts, `${placeOf(next)} · active ${ageOf(next.last_active_at, now)}`);
      // This browser asks over a live connection, whatever the service had heard of it when it made the list.
      const online = next.online || next.current;
      setText(presence, online ? 'Online' : 'Offline');
      node.dataset.online = String(online);
    },
  });
}

function placeOf({ address_prefix }: SessionView): string {
  return address_prefix ?? 'address unknown';
}

/** This browser first, then those on a socket, then by the last sign of life. */
export function orderSessions(sessions: readonly SessionView[]): SessionView[] {
  const rank = (view: SessionView) => (view.current ? 0 : view.online ? 1 : 2);
  return [...sessions].sort((a, b) => rank(a) - rank(b) || Date.parse(b.last_active_at) - Date.parse(a.last_active_at));
}
