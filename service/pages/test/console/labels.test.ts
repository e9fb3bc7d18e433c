import type { SessionState } from '@latchkey/sdk-browser';
import { expect } from 'chai';
import {
  actionLabel,
  detailLabel,
  limitLabels,
  liveStatusMessage,
  serversLabel,
  sessionsEndedMessage,
  socketsBadge,
} from '../../src/console/labels.ts';
import { formatMinutes } from '../../src/words/formats.ts';
import { useEnglish } from '../english.ts';

useEnglish();

describe('formatMinutes', () => {
  const cases: [number, string][] = [
    [1, '1 minute'],
    [45, '45 minutes'],
    [60, '1 hour'],
    [90, '90 minutes'],
    [720, '12 hours'],
    [1_440, '1 day'],
    [43_200, '30 days'],
  ];
  for (const [minutes, words] of cases)
    it(`formats ${minutes} as ${words}`, () => expect(formatMinutes(minutes)).to.equal(words));
});

describe('labels of the console', () => {
  it('have a message for each number of ended sessions', () => {
    expect([0, 1, 2].map(sessionsEndedMessage)).to.deep.equal([
      'There was no session to end.',
      'One session was ended.',
      '2 sessions were ended.',
    ]);
  });

  it('show an unknown action as it is', () => {
    expect(actionLabel('login')).to.equal('Signed in');
    expect(['teleported', 'toString'].map(actionLabel)).to.deep.equal(['teleported', 'toString']);
  });

  it('name the limits that apply', () => {
    const limits = { max_active_minutes: 60, active_minutes: 60, max_idle_minutes: null, idle_minutes: null };
    expect(limitLabels(limits)).to.deep.equal([
      'sessions last 1 hour at most (set for this tenant)',
      'never end by being idle (default)',
    ]);
  });

  it('count tabs and name their server', () => {
    expect([0, 1, 2].map(socketsBadge)).to.deep.equal([
      { text: 'Offline', tone: 'offline' },
      { text: 'Online, 1 tab', tone: 'online' },
      { text: 'Online, 2 tabs', tone: 'online' },
    ]);
    expect(serversLabel([])).to.equal('not connected');
    const servers = [
      { server_id: '7', backend_id: null, sockets: 1 },
      { server_id: '8', backend_id: 'shop', sockets: 2 },
    ];
    expect(serversLabel(servers)).to.equal('1 tab at node 7, 2 tabs at shop');
  });

  it('report live updates only with a connection', () => {
    for (const status of ['active', 'refreshing'] as const)
      expect(liveStatusMessage({ status } as SessionState)).to.match(/^Live: /);
    for (const status of ['offline', 'connecting'] as const)
      expect(liveStatusMessage({ status } as SessionState)).to.match(
        /^(Offline|Connecting)\. The page shows older data/,
      );
    expect(liveStatusMessage({ status: 'error', reason: 'forbidden' } as SessionState)).to.match(/^Stopped\. /);
  });

  it('format the details of an audit entry', () => {
    expect(detailLabel('max_active_minutes', 480)).to.equal('max active minutes 480');
  });
});
