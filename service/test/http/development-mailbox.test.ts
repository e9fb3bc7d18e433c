import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { createConfig } from '../../src/config/config.ts';
import { allowsMailbox, createDevelopmentMailbox } from '../../src/mail/development-mailbox.ts';
import { openTestApp, type TestApp } from './test-app.ts';

const publicUrl = 'http://localhost:4000';
const mail = { to: 'ann@example.org', subject: 'Hello', text: 'a', html: '<p>a</p>', messageId: '<1@localhost>' };

describe('the development mailbox', () => {
  const mailbox = createDevelopmentMailbox({ publicUrl, now: createSystemClock().now });
  const key = new URLSearchParams(new URL(mailbox.link).hash.slice(1)).get('key')!;
  let open: TestApp;
  let closed: TestApp;
  before(async () => {
    open = await openTestApp({ publicUrl }, { mailbox });
    closed = await openTestApp({ publicUrl });
    await mailbox.send(mail);
  });
  after(() => Promise.all([open.close(), closed.close()]));

  /** `fetch` sets no `Host`. */
  function get(app: TestApp, path: string, headers: Record<string, string> = {}) {
    return new Promise<{ status: number | undefined; body: string; cache: string | undefined }>((resolve, reject) => {
      const options = { headers: { host: 'localhost:4000', ...headers } };
      request(`${app.url}${path}`, options, async (answer) =>
        resolve({ status: answer.statusCode, body: await text(answer), cache: answer.headers['cache-control'] }),
      )
        .once('error', reject)
        .end();
    });
  }
  const withKey = { authorization: `Bearer ${key}` };

  it('shows its mails for its key, and the page without', async () => {
    const { status, body, cache } = await get(open, '/dev/mailbox/mails', withKey);
    expect([status, cache]).deep.equal([200, 'no-store']);
    expect(JSON.parse(body).mails).length(1);
    expect(JSON.parse(body).mails[0]).deep.include(mail);
    const page = await get(open, '/dev/mailbox');
    expect([page.status, page.cache]).deep.equal([200, 'no-store']);
    expect(page.body).contain('Development mailbox');
    expect(page.body).not.contain('ann@example.org');
  });

  it('is not found without the key, or with another', async () => {
    for (const headers of [
      {},
      { authorization: `Bearer ${key}x` },
      { authorization: 'Bearer' },
      { authorization: key },
    ])
      expect((await get(open, '/dev/mailbox/mails', headers)).status).equal(404);
    expect((await get(open, `/dev/mailbox/mails?key=${key}`)).status).equal(404);
  });

  it('is not found under another Host', async () => {
    for (const host of ['evil.example', 'evil.example:4000', 'localhost', '127.0.0.1:4000', 'localhost:4001'])
      for (const path of ['/dev/mailbox', '/dev/mailbox/mails'])
        expect((await get(open, path, { ...withKey, host })).status, host).equal(404);
    const forwarded = { ...withKey, host: 'evil.example', 'x-forwarded-host': 'localhost:4000' };
    expect((await get(open, '/dev/mailbox/mails', forwarded)).status).equal(404);
  });

  it('is not found where there is none', async () => {
    for (const path of ['/dev/mailbox', '/dev/mailbox/mails', '/mailbox.html'])
      expect((await get(closed, path, withKey)).status).equal(404);
  });

  it('exists in development, without a mail server, at a public URL of this machine only', () => {
    const allows = (env: Record<string, string>) => allowsMailbox(createConfig(env));
    expect(allows({})).equal(true);
    for (const url of ['http://127.0.0.1:4000', 'http://[::1]:4000', 'http://app.localhost'])
      expect(allows({ LATCHKEY_PUBLIC_URL: url }), url).equal(true);
    for (const url of ['http://id.example', 'http://localhost.example', 'http://10.0.0.1', 'http://notlocalhost'])
      expect(allows({ LATCHKEY_PUBLIC_URL: url }), url).equal(false);
    expect(allows({ LATCHKEY_SMTP_URL: 'smtp://127.0.0.1', LATCHKEY_MAIL_FROM: 'a@x.org' })).equal(false);
    const production = { NODE_ENV: 'production', LATCHKEY_ALLOW_EMBEDDED: 'true' };
    expect(allows({ ...production, LATCHKEY_PUBLIC_URL: 'https://localhost' })).equal(false);
  });

  it('keeps the newest 100 mails', async () => {
    const small = createDevelopmentMailbox({ publicUrl, now: () => 0 });
    for (let i = 0; i < 101; i++) await small.send({ ...mail, subject: String(i) });
    const shown = small.read(new URL(small.link).hash.slice('#key='.length))!;
    expect([shown.length, shown[0]!.subject, shown[99]!.subject]).deep.equal([100, '100', '1']);
  });
});
