import { expect } from 'chai';
import { codeOf } from '../../test-kit/codes.ts';
import { createLatchkey, type Latchkey } from '../src/index.ts';
import { type ScriptedService, startScriptedService } from './client/scripted-service.ts';

const limits = {
  tenant_id: 'acme',
  max_active_minutes: 60,
  max_idle_minutes: null,
  active_minutes: 60,
  idle_minutes: null,
};

describe('limits of tenants on latchkey', () => {
  let service: ScriptedService;
  let latchkey: Latchkey;

  beforeEach(async () => {
    service = await startScriptedService();
    service.answers.tenant_get = () => ({ ok: true, data: limits });
    service.answers.tenant_set = () => ({ ok: true, data: limits });
    latchkey = createLatchkey({ url: service.url, backendId: 'bank', backendSecret: 'secret' });
    await latchkey.ready();
  });
  afterEach(async () => {
    latchkey.close();
    await service.stop();
  });

  it('are set one at a time, without a change of the other', async () => {
    await latchkey.setTenantMaximumActiveSessionTimeout('acme', 60);
    await latchkey.setTenantMaximumInactiveSessionTimeout('acme', null);
    expect(service.of('tenant_set')).to.deep.equal([
      { tenant_id: 'acme', max_active_minutes: 60 },
      { tenant_id: 'acme', max_idle_minutes: null },
    ]);
  });

  it('are read as they apply, with defaults of the service', async () => {
    service.answers.tenant_get = () => ({
      ok: true,
      data: { ...limits, max_active_minutes: null, active_minutes: 720, idle_minutes: 15 },
    });
    expect(await latchkey.getTenantMaximumActiveSessionTimeoutInMins('acme')).to.equal(720);
    expect(await latchkey.getTenantMaximumInactiveSessionTimeoutInMins('acme')).to.equal(15);
  });

  for (const minutes of [0, -1, 1.5, Number.NaN, 525_601, '60', undefined]) {
    it(`are refused without a request when they are invalid: ${minutes}`, async () => {
      for (const set of [
        latchkey.setTenantMaximumActiveSessionTimeout,
        latchkey.setTenantMaximumInactiveSessionTimeout,
      ])
        expect(await codeOf(set('acme', minutes as number))).to.equal('invalid_request');
      expect(service.of('tenant_set')).to.deep.equal([]);
    });
  }

  it('are refused without a tenant, for an unknown tenant, and without a connection', async () => {
    expect(await codeOf(latchkey.setTenantMaximumActiveSessionTimeout('', 60))).to.equal('invalid_request');
    service.answers.tenant_get = () => ({ ok: false, error: { code: 'tenant_unknown' } });
    expect(await codeOf(latchkey.getTenantMaximumActiveSessionTimeoutInMins('nobody'))).to.equal('tenant_unknown');
    await service.stop();
    expect(await codeOf(latchkey.setTenantMaximumActiveSessionTimeout('acme', 60))).to.equal('unavailable');
  });
});
