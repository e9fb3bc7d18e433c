import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminPaths, type CurrentUser } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient } from '../../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';
import { adminToken, bearerOf, command, password, signedIn, signUp } from './signed-in-user.ts';

describe('the first operator', () => {
  let folder: string;
  let env: Record<string, string>;
  const services: ServiceProcess[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-operator-'));
    env = { LATCHKEY_DATA_DIR: join(folder, 'data') };
  });
  after(async function () {
    this.timeout(30_000);
    await Promise.all(services.map((service) => service.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<ServiceProcess> {
    const service = await startService({ env });
    services.push(service);
    await service.ready();
    return service;
  }

  const linkOf = (service: ServiceProcess) => /^ {2}(\S+)\/signup#operator=([A-Za-z0-9_-]{43})$/m.exec(service.log());

  it('is one of ten users who use the link of the first start at once', async function () {
    this.timeout(60_000);
    const service = await start();
    const [, url, invite] = linkOf(service) ?? [];
    expect(url).equal(service.url);
    const client = createPlainClient({ url: service.url });
    const tries = Array.from({ length: 10 }, (_, n) =>
      client.register(`first${n}@example.test`, password, { operator_invite: invite }).then(
        (login) => ({ login, email: `first${n}@example.test` }),
        (error: Error) => error.message,
      ),
    );
    const outcomes = await Promise.all(tries);
    const winners = outcomes.filter((outcome) => typeof outcome !== 'string');
    expect(winners.length, JSON.stringify(outcomes)).equal(1);
    for (const refusal of outcomes.filter((outcome) => typeof outcome === 'string'))
      expect(refusal).contain('"code":"forbidden"');

    const operator = await signedIn(client, winners[0]!.email, winners[0]!.login);
    const { body } = await client.request<CurrentUser>('GET', '/me', undefined, bearerOf(operator.accessToken));
    expect(body.operator).equal(true);
    const list = await client.request<{ users: unknown[] }>(
      'GET',
      adminPaths.users,
      undefined,
      bearerOf(await adminToken(operator)),
    );
    expect(list.body.users.length, 'the slower one of the two is no user').equal(1);
    client.close();
  });

  it('is set by the command line, through the running process and without one', async function () {
    this.timeout(60_000);
    const [service] = services;
    const user = await signUp(service!.url, 'second@example.test');
    const run = async (...words: string[]) => {
      const { code, log } = await command(env, 'operator', ...words, '--json');
      return code === 0 ? JSON.parse(log) : log;
    };
    const printed = { id: user.userId, email: user.email, tenant_id: 'default' };
    expect(await run('add', 'Second@example.test')).deep.equal({ ...printed, operator: true });
    await adminToken(user);
    expect(await run('remove', user.email)).deep.equal({ ...printed, operator: false });
    expect(await user.refreshAsAdmin())
      .property('ok')
      .equal(false);
    expect(await run('add')).contain("missing required argument 'user'");
    user.client.close();
    await services.pop()!.stop();
    expect(await run('list')).length(1);
  });

  it('makes the link invalid', async function () {
    this.timeout(60_000);
    expect(linkOf(await start())).equal(null);
  });
});
