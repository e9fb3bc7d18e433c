import type { UserSessionState } from '@latchkey/contract';
import { createSuspensionDetector, createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createServiceClient, type ServiceClient } from '../../src/client/service-client.ts';
import { type ScriptedService, startScriptedService } from './scripted-service.ts';

const stateOf = (id: string, connections = 1): UserSessionState => ({
  ...{ id, user_id: 'u', tenant_id: 't', claims: {}, server_id: 'there', connections },
  ...{ created_at: 1, updated_at: 1 },
});

describe('createPresenceReader', () => {
  let service: ScriptedService;
  let link: ServiceClient;
  let emitted: string[];
  let warnings: string[];

  beforeEach(async () => {
    service = await startScriptedService();
    service.partLength = 10;
    service.userSessions = Array.from({ length: 25 }, (_, at) => stateOf(`s${at}`));
    [emitted, warnings] = [[], []];
    const note = (_fields: unknown, message: string) => void warnings.push(message);
    const clock = createSystemClock();
    link = createServiceClient({
      ...{ url: service.url, backendId: 'bank', backendSecret: 'secret', maxStalenessMs: 10_000 },
      clock,
      suspension: createSuspensionDetector(clock),
      log: { warn: note, error: note },
    });
    link.presenceCache.onChange((change, { id }) => void emitted.push(`${change} ${id}`));
  });
  afterEach(async () => {
    link.close();
    await service.stop();
  });

  const asked = () => service.of('presence_list').map((payload) => (payload as { first: boolean }).first);
  const ids = () => link.presenceCache.all().map(({ id }) => id);

  it('reads presence page by page, and does not delay the revocation feed', async () => {
    service.answers.presence_list = () => undefined;
    service.end(['ended'], { told: false });
    link.open();
    await link.ready();
    expect(link.endedReason('ended')).to.equal('logout');
    expect(ids()).to.deep.equal([]);
    delete service.answers.presence_list;
    service.push('presence_gap', undefined);
    await waitFor(() => ids().length === 25);
    expect(asked()).to.deep.equal([true, true, false, false]);
    expect(emitted).to.have.length(25);
  });

  it('applies events between two pages in the order of their arrival', async () => {
    let pages = 0;
    service.answers.presence_list = (payload) => {
      pages += 1;
      if (pages === 2) {
        const news = (change: string, session: UserSessionState) => ({ change, session, server_id: 'there' });
        service.push('user_session', [news('deletion', stateOf('s1', 0)), news('creation', stateOf('new'))]);
      }
      return service.listPresence(payload);
    };
    link.open();
    await waitFor(() => pages === 3 && ids().includes('s24'));
    expect(ids()).to.include('new').and.not.include('s1');
    expect(ids()).to.have.length(25);
  });

  it('removes sessions that are missing in the list after its last page, not before', async () => {
    link.open();
    await waitFor(() => ids().length === 25);
    emitted.length = 0;
    service.userSessions = service.userSessions.slice(5);
    service.cut();
    await waitFor(() => ids().length === 20);
    expect(emitted).to.deep.equal(['s0', 's1', 's2', 's3', 's4'].map((id) => `deletion ${id}`));
  });

  it('requests the list again after a failure, and logs the failure once', async () => {
    let fails = 2;
    service.answers.presence_list = (payload) => {
      if ((payload as { first: boolean }).first || fails-- <= 0) return service.listPresence(payload);
      return { ok: false, error: { code: 'unavailable', message: '', retryable: true } };
    };
    link.open();
    await waitFor(() => ids().length === 25);
    expect(asked()).to.deep.equal([true, false, true, false, true, false, false]);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(/^presence could not be read from the service/);
  });

  it('does not request the list again on this connection after a permanent refusal', async () => {
    service.answers.presence_list = () => ({
      ok: false,
      error: { code: 'unknown_call', message: '', retryable: false },
    });
    link.open();
    await link.ready();
    await waitFor(() => warnings.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(asked()).to.deep.equal([true]);
    expect(warnings).to.have.length(1);
  });
});
