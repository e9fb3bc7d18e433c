import type { TokenResponse } from '@latchkey/contract';
import { expect } from 'chai';
import { startScriptedService } from '../../sdk-server/test/client/scripted-service.ts';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { startService } from '../../test-kit/node/service-process.ts';
import { developersCredential } from '../link/app-process.ts';
import { type PlantedBackend, plantBackend } from './planted-backend.ts';

const names = { issuer: 'https://id.test', audience: 'https://apps.test' };

describe('troubleshooting: issuer and audience of access tokens', () => {
  let backend: PlantedBackend;
  afterEach(() => backend.end());

  it('are learned from the service, when its address is not its public URL', async () => {
    const service = await startService({
      env: { LATCHKEY_PUBLIC_URL: names.issuer, LATCHKEY_AUDIENCE: names.audience },
    });
    try {
      await service.ready();
      const { backend_id: backendId, backend_secret: backendSecret } = developersCredential(service);
      backend = await plantBackend({ url: service.url, backendId, backendSecret });
      await backend.latchkey.ready();
      const guard = backend.latchkey.node();
      const { url } = await backend.listen(async (request, response) => {
        if (await guard(request, response)) response.end('{}');
      });
      const client = createPlainClient({ url: service.url });
      const login = await client.register('ann@example.test', 'violet anchor rain');
      const grant = { grant_type: 'authorization_code', ...login, rotation_key: newKey() };
      const { body } = await client.request<TokenResponse>('POST', '/oauth/token', grant);
      const answer = await fetch(url, { headers: { authorization: `Bearer ${body.access_token}` } });
      expect([answer.status, backend.latchkey.health().causes]).to.deep.equal([200, []]);
    } finally {
      await service.stop();
    }
  }).timeout(60_000);

  it('issuer_differs: an option issuer that is not the service’s public URL', async () => {
    const service = await startScriptedService();
    service.names = names;
    backend = await plantBackend({ issuer: service.url, audience: names.audience }, service);
    const { option, service: logged } = await backend.logged('issuer_differs', 'issuer');
    expect([option, logged]).to.deep.equal([service.url, names.issuer]);
    const failure = await backend.latchkey.verify(await service.token()).catch((error: unknown) => error);
    expect(failure).to.include({ code: 'unauthenticated' });
    await service.stop();
  });

  it('audience_differs: an option audience that is not the service’s', async () => {
    const service = await startScriptedService();
    service.names = names;
    backend = await plantBackend({ audience: 'https://app.test' }, service);
    const { option, service: logged } = await backend.logged('audience_differs', 'audience');
    expect([option, logged]).to.deep.equal(['https://app.test', names.audience]);
    await service.stop();
  });
});
