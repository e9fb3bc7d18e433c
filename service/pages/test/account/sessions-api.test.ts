import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import * as sinon from 'sinon';
import { createSessionsApi } from '../../src/account/sessions-api.ts';

function answering(body: unknown, init: ResponseInit = {}) {
  const fetch = sinon.stub().callsFake(async () => Response.json(body, init));
  return { fetch, api: createSessionsApi(fetch, 'https://id.example') };
}

describe('createSessionsApi', () => {
  it('lists sessions with the service’s own time', async () => {
    const date = 'Sun, 01 Mar 2026 12:00:00 GMT';
    const { api, fetch } = answering({ sessions: [] }, { headers: { date } });
    expect(await api.list()).to.deep.equal({ sessions: [], at: Date.parse(date) });
    expect(String(fetch.firstCall.args[0])).to.equal('https://id.example/sessions');
  });

  it('escapes the id of the session that it ends', async () => {
    const { api, fetch } = answering({ ended: 1 });
    expect(await api.end('a/../b')).to.deep.equal({ ended: 1 });
    expect(String(fetch.firstCall.args[0])).to.equal('https://id.example/sessions/a%2F..%2Fb');
    expect(fetch.firstCall.args[1]).to.deep.include({ method: 'DELETE' });
  });

  it('rejects with unavailable after a network error, and with the failure of the service as it is', async () => {
    const broken = createSessionsApi(() => Promise.reject(new TypeError('Failed to fetch')), 'https://id.example');
    expect((await broken.list().catch((error: Failure) => error)) as Failure).to.include({ code: 'unavailable' });
    const failure = new Failure('session_revoked');
    const refused = createSessionsApi(() => Promise.reject(failure), 'https://id.example');
    expect(await refused.list().catch((error: unknown) => error)).to.equal(failure);
  });
});
