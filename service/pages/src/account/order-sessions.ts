import type { SessionInfo } from '@latchkey/contract';

/** Orders sessions: this browser, those with a socket, then the others by their last activity. */
export function orderSessions(sessions: readonly SessionInfo[]): SessionInfo[] {
  const rank = (view: SessionInfo) => (view.current ? 0 : view.online ? 1 : 2);
  return [...sessions].sort((a, b) => rank(a) - rank(b) || Date.parse(b.last_active_at) - Date.parse(a.last_active_at));
}
