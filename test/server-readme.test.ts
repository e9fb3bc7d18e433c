import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { developersCredential } from './link/app-process.ts';

/** The first block of the page, as it would be pasted, with another service and another port. */
async function appOf(service: ServiceProcess): Promise<string> {
  const page = await readFile('sdk-server/README.md', 'utf8');
  const [, block = ''] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
  expect(block).to.contain("'https://id.example.com'").and.contain('listen(3000)');
  return block
    .replace("'https://id.example.com'", `'${service.url}'`)
    .replace('listen(3000)', 'listen(Number(process.env.PORT))');
}

describe('the app of sdk-server/README.md', function () {
  this.timeout(60_000);
  let folder: string;
  let service: ServiceProcess;
  let app: ServiceProcess;
  let client: PlainClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-readme-'));
    service = await startService();
    await service.ready();
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'app.ts'), await appOf(service));
    const { backend_id: BACKEND_ID, backend_secret: BACKEND_SECRET } = developersCredential(service);
    app = await startService({ entry: join(folder, 'app.ts'), env: { BACKEND_ID, BACKEND_SECRET } });
    await waitFor(() => fetch(app.url).then(Boolean, () => false), 20_000);
    client = createPlainClient({ url: service.url, socketUrl: app.url });
  });
  after(async () => {
    client?.close();
    await Promise.all([app, service].map((one) => one?.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses unauthenticated clients, and serves signed-in ones, on the route and on the socket', async () => {
    expect((await fetch(app.url)).status).to.equal(401);
    const login = await client.register('reader@example.test', 'correct horse battery');
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    const { access_token: token, user } = outcome.payload;
    const answer = await fetch(app.url, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).to.deep.equal({ user: user.id });
    expect(await socket.call('api', 'whoami', {})).to.deep.equal({ ok: true, data: user });
  });
});
