import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import { newPkce } from '../test-kit/client/plain-client.ts';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { createMailReader } from './pages/mails.ts';

type Values = Record<string, unknown>;
type Body = (...values: unknown[]) => Promise<Values>;
const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Body;

const password = 'violet anchor rain';
const newPassword = 'green paper lantern';
const newTicket = () => randomBytes(32).toString('base64url');

/** Runs the code of a page, block by block. What a block declares, the next ones see. */
function openPage(page: string, given: Values) {
  const text = readFileSync(page, 'utf8');
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block!);
  let values = given;
  return {
    async next(more: Values = {}): Promise<Values> {
      const { code } = transformSync(blocks.shift()!, { loader: 'ts', target: 'es2023', format: 'esm' });
      const declared = [...code.matchAll(/^const (?:\{ (?:\w+: )?(\w+) \}|(\w+)) =/gm)].map(([, a, b]) => a ?? b!);
      values = { ...values, ...more };
      const run = new AsyncFunction(...Object.keys(values), `${code}\nreturn { ${declared.join(', ')} };`);
      const made = await run(...Object.values(values));
      values = { ...values, ...made };
      return made;
    },
    isDone: () => blocks.length === 0,
  };
}

const statusOf = (answer: unknown) => (answer as Response).status;

describe('the code of the pages about accounts', function () {
  this.timeout(60_000);
  let mails: MailServer;
  let readMail: ReturnType<typeof createMailReader>;
  let service: ServiceProcess;
  let given: Values;

  before(async () => {
    mails = await openMailServer();
    readMail = createMailReader(mails);
    service = await startService({
      env: { LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.com' },
    });
    await service.ready();
    const args = ['backend', 'create', 'Desk', '--id', 'desk', '--scopes', 'admin'];
    const command = await startService({ env: { LATCHKEY_DATA_DIR: service.dataFolder }, args, seeded: false });
    if ((await command.exited()) !== 0) throw new Error(command.log());
    const { backend_id: backendId, backend_secret: backendSecret } = JSON.parse(command.log()) as Values;
    given = { service: service.url, backendId, backendSecret, password, challenge: newPkce().challenge };
  });
  after(async () => {
    await service?.stop();
    await mails?.close();
  });

  const secretOf = (link: string) => new URL(link).hash.slice('#secret='.length);
  const register = (email: string) =>
    fetch(`${service.url}/register`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ email, password, code_challenge: given.challenge, code_challenge_method: 'S256' }),
    });

  it('docs/build/invitations.md: invites, accepts and revokes', async () => {
    const page = openPage('docs/build/invitations.md', { ...given, name: 'Ann' });
    const { invitation } = await page.next();
    expect(invitation).include({ email: 'ann@example.com', state: 'open', mailed: true });
    const { link } = await readMail('ann@example.com', '/invitation');
    const { code } = await page.next({ secret: secretOf(link) });
    expect(code).to.be.a('string');
    const headers = { authorization: `Basic ${btoa(`${given.backendId}:${given.backendSecret}`)}` };
    const body = JSON.stringify({ tenant_id: 'default', email: 'bob@example.com', send: false });
    const made = await fetch(`${service.url}/admin/invitations`, {
      ...{ method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } },
    });
    const { invitation: open } = (await made.json()) as { invitation: { id: string } };
    await page.next({ invitation: open });
    expect(page.isDone()).equal(true);
    const listed = await fetch(`${service.url}/admin/invitations`, { headers });
    const { invitations } = (await listed.json()) as { invitations: { id: string; state: string }[] };
    expect(invitations.map(({ state }) => state)).deep.equal(['revoked', 'accepted']);
  });

  it('docs/build/forgotten-passwords.md: sets a new password, once', async () => {
    const [email, ticket] = ['carl@example.com', newTicket()];
    expect(statusOf(await register(email))).equal(201);
    const page = openPage('docs/build/forgotten-passwords.md', { ...given, email, ticket, newPassword });
    const { asked, expires_in } = await page.next();
    expect([statusOf(asked), expires_in]).deep.equal([202, 1_800]);
    const { link, code } = await readMail(email, '/reset');
    expect(code).match(/^\d{6}$/);
    const { reset, ended } = await page.next({ secret: secretOf(link) });
    expect([statusOf(reset), ended]).deep.equal([200, 0]);
    const { refused } = await page.next();
    expect(refused).include({ code: 'link_invalid' });
    expect(page.isDone()).equal(true);
  });

  it('docs/build/verify-addresses.md: requires a verified address, and verifies it', async () => {
    const [email, member] = ['dora@example.com', 'early@example.com'];
    expect(statusOf(await register(member))).equal(201);
    const page = openPage('docs/build/verify-addresses.md', { ...given, email, member });
    expect(await page.next()).include({ email_verification: 'required' });
    const { signedUp } = await page.next({ ticket: newTicket() });
    expect(statusOf(signedUp)).equal(202);
    const { code } = await readMail(email, '/verify');
    const { verified, signInCode } = await page.next({ code });
    expect([statusOf(verified), typeof signInCode]).deep.equal([200, 'string']);
    const { again } = await page.next();
    expect(statusOf(again)).equal(202);
    const { requested } = await page.next({ memberTicket: newTicket() });
    expect(statusOf(requested)).equal(202);
    await readMail(member, '/verify');
    expect(page.isDone()).equal(true);
  });
});
