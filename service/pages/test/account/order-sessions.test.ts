import type { SessionInfo } from '@latchkey/contract';
import { expect } from 'chai';
import { orderSessions } from '../../src/account/order-sessions.ts';

function view(id: string, minute: number, marks: Partial<SessionInfo> = {}): SessionInfo {
  const at = new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString();
  const times = { created_at: at, last_active_at: at, expires_at: at };
  return { id, browser: 'Firefox on Linux', address_prefix: null, online: false, current: false, ...times, ...marks };
}

describe('orderSessions', () => {
  it('sorts this browser first, then sessions online, then by last activity', () => {
    const sessions = [
      view('old', 1),
      view('new', 9),
      view('online', 2, { online: true }),
      view('me', 0, { current: true }),
    ];
    expect(orderSessions(sessions).map(({ id }) => id)).to.deep.equal(['me', 'online', 'new', 'old']);
    expect(sessions[0]?.id).to.equal('old');
  });
});
