import { createServer } from 'node:http';
import type { LatchkeyOptions } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { type ScriptedService, startScriptedService } from '../../sdk-server/test/client/scripted-service.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { listen, portOf } from '../../test-kit/listen.ts';
import { startService } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { developersCredential } from '../link/app-process.ts';
import { type PlantedBackend, plantBackend } from './planted-backend.ts';

describe('troubleshooting: the connection to the service', () => {
  let backend: PlantedBackend;
  const endings: (() => unknown)[] = [];

  async function plant(options: Partial<LatchkeyOptions> = {}, mistake: (service: ScriptedService) => void = () => {}) {
    const service = await startScriptedService();
    endings.push(() => service.stop());
    mistake(service);
    backend = await plantBackend(options, service);
  }
  /** The code with which `ready()` rejects. */
  const codeOfReady = () =>
    backend.latchkey.ready().then(
      () => 'ready',
      ({ code }: { code: string }) => code,
    );

  afterEach(async () => {
    await backend.end();
    for (const end of endings.splice(0)) await end();
  });

  it('service_unreachable: no service at the address', async () => {
    await plant({ url: `http://127.0.0.1:${await freePort()}` });
    const { reason } = await backend.logged('service_unreachable', 'url');
    expect(reason).to.include('ECONNREFUSED');
  });

  it('not_a_service: another server at the address', async () => {
    const other = createServer((_request, response) => void response.writeHead(404).end());
    other.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n'));
    await listen(other);
    endings.push(() => other.close());
    await plant({ url: `http://127.0.0.1:${portOf(other)}` });
    expect(await codeOfReady()).to.equal('not_found');
    await backend.logged('not_a_service', 'url');
  });

  it('backend_refused: a wrong secret', async () => {
    const service = await startService();
    endings.push(() => service.stop());
    await service.ready();
    const { backend_id: backendId } = developersCredential(service);
    await plant({ url: service.url, backendId, backendSecret: 'wrong' });
    expect(await codeOfReady()).to.equal('unauthenticated');
    await backend.logged('backend_refused', 'backendSecret');
  }).timeout(60_000);

  it('protocol_refused: a service of another release', async () => {
    const message = 'This service speaks version 3 of the protocol for backends.';
    await plant({}, (service) => {
      service.refusal = { code: 'invalid_request', message, retryable: false };
    });
    expect(await codeOfReady()).to.equal('invalid_request');
    expect((await backend.logged('protocol_refused', 'version')).reason).to.include(message);
  });

  it('backend_forbidden: a backend without the scope feed', async () => {
    const message = 'This backend lacks the scope feed.';
    await plant({}, (service) => {
      service.answers.subscribe = () => ({ ok: false, error: { code: 'forbidden', message, retryable: false } });
    });
    expect(await codeOfReady()).to.equal('forbidden');
    const { call, reason } = await backend.logged('backend_forbidden', 'backend create');
    expect([call, reason]).to.deep.equal(['subscribe', message]);
  });

  it('revocations_unavailable: a service that does not read its list', async () => {
    await plant({}, (service) => {
      service.answers.subscribe = () => ({ ok: false, error: { code: 'revocations_not_ready', retryable: true } });
    });
    expect((await backend.logged('revocations_unavailable', 'service')).reason).to.equal('revocations_not_ready');
  });

  it('clock_apart: a machine whose clock is five minutes ahead', async () => {
    await plant({}, (service) => {
      service.now = () => Date.now() - 300_000;
    });
    const { ahead_ms } = await backend.logged('clock_apart', 'clock');
    expect(ahead_ms).to.be.within(290_000, 310_000);
  });

  it('presence_unavailable: a service of an older version', async () => {
    await plant({}, (service) => {
      service.answers.presence_list = () => ({ ok: false, error: { code: 'unknown_call', retryable: false } });
    });
    expect((await backend.logged('presence_unavailable', 'service')).reason).to.equal('unknown_call');
  });

  it('introspection_unavailable: the policy introspect while the service does not answer', async () => {
    await plant({ policy: 'introspect', maxStalenessMs: 1 }, (service) => {
      service.answers.introspect = () => ({ ok: false, error: { code: 'overloaded', retryable: true } });
    });
    await backend.latchkey.ready();
    await waitFor(() => backend.latchkey.health().isStale);
    const code = await backend.latchkey
      .verify(await backend.service.token())
      .catch((error: { code: string }) => error.code);
    expect(code).to.equal('revocations_stale');
    expect((await backend.logged('introspection_unavailable', 'policy')).reason).to.equal('overloaded');
  });

  it('key_set_unavailable: a proxy that does not pass the key set on', async () => {
    await plant({}, (service) => {
      service.jwks = (response) => void response.writeHead(404).end();
    });
    expect((await backend.logged('key_set_unavailable', 'url')).reason).to.include('404');
  });
});
