import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessClaims, EndedSessions } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const files = ['examples/guard/express.js', 'examples/guard/koa.js'];

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as AccessClaims;

describe('the guards of examples/guard', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let apps: ServiceProcess[];
  let client: PlainClient;

  async function startApp(entry: string): Promise<ServiceProcess> {
    const file = readFileSync(join(service.dataFolder, 'backend.json'), 'utf8');
    const { backend_id, backend_secret } = JSON.parse(file) as { backend_id: string; backend_secret: string };
    const env = { LATCHKEY_URL: service.url, BACKEND_ID: backend_id, BACKEND_SECRET: backend_secret };
    return startService({ entry, env });
  }

  const ask = (app: ServiceProcess, headers: Record<string, string> = {}) =>
    fetch(app.url, { headers: { connection: 'close', ...headers } });

  const askAll = (headers?: Record<string, string>) => Promise.all(apps.map((app) => ask(app, headers)));

  const listening = (app: ServiceProcess) => waitFor(() => ask(app).then(Boolean, () => false), 20_000, app.log);

  async function signedIn(): Promise<string> {
    const login = await client.register('guarded@example.test', 'correct horse battery');
    const outcome = await (await client.connect()).authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return outcome.payload.access_token;
  }

  before(async () => {
    service = await startService();
    await service.ready();
    client = createPlainClient({ url: service.url });
    apps = await Promise.all(files.map(startApp));
    await Promise.all(apps.map(listening));
  });

  after(async () => {
    client?.close();
    await Promise.all([...(apps ?? []), service].map((one) => one?.stop()));
  });

  it('are whole apps of less than 25 lines', () => {
    for (const file of files) expect(readFileSync(file, 'utf8').split('\n').length, file).to.be.below(25);
  });

  it('answer a request without a token with a challenge (RFC 6750 §3)', async () => {
    for (const answer of await askAll()) {
      expect([answer.status, answer.headers.get('www-authenticate')]).to.deep.equal([401, 'Bearer realm="latchkey"']);
    }
  });

  it('accept a token, and refuse the unexpired token of a session that DELETE /sessions/:id ended', async () => {
    const token = await signedIn();
    const { sid, sub, exp } = claimsOf(token);
    const headers = { authorization: `Bearer ${token}` };
    for (const answer of await askAll(headers)) {
      expect([answer.status, await answer.json()]).to.deep.equal([200, { user: sub }]);
    }
    const { status, body } = await client.request<EndedSessions>('DELETE', `/sessions/${sid}`, undefined, headers);
    expect(status).to.equal(200);
    expect(body).to.include({ ended: 1 });
    const until = performance.now() + 1_000;
    let answers = await askAll(headers);
    while (answers.some((answer) => answer.status === 200) && performance.now() < until) {
      await sleep(5);
      answers = await askAll(headers);
    }
    for (const answer of answers) {
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer realm="latchkey", error="invalid_token"');
      expect(answer.status).to.equal(401);
    }
    expect(exp).to.be.above(Date.now() / 1_000 + 60);
  });
});
