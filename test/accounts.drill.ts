import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSession, type MailSignIn, type Session, type VerificationRequired } from '@latchkey/sdk-browser';
import { getAdmin } from '@latchkey/sdk-browser/admin';
import { expect } from 'chai';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { readDocsPage } from './browser/docs-code.ts';
import { createMailReader } from './pages/mails.ts';

const password = 'violet anchor rain';
const nextPassword = 'green paper lantern';

/** The modules of the page. Each browser has its own. */
interface Modules {
  readonly session: { readonly session: Session };
  readonly signUp: {
    signUp(email: string, password: string): Promise<MailSignIn | undefined>;
    resumeSignUp(): Promise<MailSignIn | undefined>;
    enterCode(pending: MailSignIn, code: string): Promise<string>;
  };
  readonly openLink: { openLink(secret: string, password: string): Promise<string> };
  readonly invitation: {
    acceptInvitation(secret: string, password: string, name: string): Promise<string | undefined>;
  };
  readonly byMail: {
    forgot(email: string): Promise<void>;
    replacePassword(email: string, password: string, newPassword: string): Promise<void>;
    setPassword(code: string, newPassword: string): Promise<number>;
    signInByMail(email: string): Promise<MailSignIn>;
  };
  readonly settings: {
    readAddress(): Promise<string | null>;
    rename(name: string | null): Promise<void>;
    listActivity(): Promise<string[]>;
    changePassword(currentPassword: string, newPassword: string): Promise<number>;
    requestAddress(email: string, currentPassword: string): Promise<void>;
    confirmAddress(code: string): Promise<number>;
  };
}

const files: Readonly<Record<keyof Modules, string>> = {
  session: 'session.ts',
  signUp: 'sign-up.ts',
  openLink: 'open-link.ts',
  invitation: 'accept-invitation.ts',
  byMail: 'by-mail.ts',
  settings: 'settings.ts',
};

describe('the code of docs/build/accounts.md', function () {
  this.timeout(60_000);
  let mails: MailServer;
  let readMail: ReturnType<typeof createMailReader>;
  let service: ServiceProcess;
  let folder: string;
  let browsers: Modules[];
  let users = 0;
  let copies = 0;

  before(async () => {
    mails = await openMailServer();
    readMail = createMailReader(mails);
    const env = { LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.com' };
    [service, folder] = await Promise.all([startService({ env }), mkdtemp(join(tmpdir(), 'latchkey-accounts-'))]);
    await service.ready();
    await prepareTenant();
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  });
  after(async () => {
    await Promise.all([service?.stop(), mails.close()]);
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    browsers = [];
  });
  afterEach(() => {
    for (const { session } of browsers) session.session.close();
  });

  /** The first operator changes the default tenant, invites a user, and makes one who has to change the password. */
  async function prepareTenant(): Promise<void> {
    const [, operatorInvite = ''] = /#operator=([\w-]+)/.exec(service.log()) ?? [];
    const session = createSession({ url: service.url });
    await session.register({ email: 'operator@example.com', password, operatorInvite });
    const request = async (method: string, path: string, body: object): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const init = { method, headers, body: JSON.stringify({ ...body }) };
      const answer = await getAdmin(session).fetch(`${service.url}/admin/${path}`, init);
      if (!answer.ok) throw new Error(await answer.text());
    };
    await request('PATCH', 'tenants/default', { email_verification: 'required', email_sign_in: true });
    await request('POST', 'invitations', { tenant_id: 'default', email: 'invited@example.com' });
    const made = { email: 'made@example.com', password, email_verified: true, password_change_required: true };
    await request('POST', 'users', { tenant_id: 'default', ...made });
    session.close();
  }

  /** Loads the modules of the page once more: a browser with a storage of its own. */
  async function openBrowser(): Promise<Modules> {
    copies += 1;
    const own = join(folder, `browser-${copies}`);
    for (const { file, text } of await readDocsPage('accounts.md', 'docs/build')) {
      await mkdir(dirname(join(own, file)), { recursive: true });
      await writeFile(join(own, file), text.replace('https://id.example.com', service.url));
    }
    const load = (name: string) => import(pathToFileURL(join(own, 'accounts', name)).href);
    const loaded = Object.entries(files).map(async ([key, name]) => [key, await load(name)] as const);
    const browser = Object.fromEntries(await Promise.all(loaded)) as unknown as Modules;
    browsers.push(browser);
    return browser;
  }
  const newAddress = () => {
    users += 1;
    return `own${users}@example.com`;
  };
  const secretOf = (link: string) => link.split('#secret=')[1]!;
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'resolved',
      (cause: { readonly code?: string }) => cause.code ?? cause,
    );
  /** Signs up and enters the code of the mail. */
  async function signUp({ signUp: page }: Modules): Promise<{ email: string; id: string }> {
    const email = newAddress();
    const pending = await page.signUp(email, password);
    const { code } = await readMail(email, '/verify');
    return { email, id: await page.enterCode(pending!, code) };
  }

  it('signs up with the code of the mail, after a wrong one', async () => {
    const { session, signUp: page } = await openBrowser();
    const email = newAddress();
    const pending = await page.signUp(email, password);
    const { code } = await readMail(email, '/verify');
    const wrong = code === '000000' ? '000001' : '000000';
    expect(await codeOf(page.enterCode(pending!, wrong))).to.equal('mail_code_wrong');
    const id = await page.enterCode((await page.resumeSignUp())!, code);
    expect(session.session.state).to.deep.include({ status: 'active', user: session.session.user });
    expect(session.session.user?.id).to.equal(id);
  });

  it('signs up by the link: with the ticket where the sign-up began, elsewhere with the password', async () => {
    const [here, elsewhere] = [await openBrowser(), await openBrowser()];
    const email = newAddress();
    await here.signUp.signUp(email, password);
    const { link } = await readMail(email, '/verify');
    const openElsewhere = (typed: string) => codeOf(elsewhere.openLink.openLink(secretOf(link), typed));
    expect(await openElsewhere('not the password')).to.equal('invalid_credentials');
    expect(await openElsewhere(password)).to.equal('resolved');
    expect(await codeOf(here.openLink.openLink(secretOf(link), ''))).to.equal('link_invalid');

    const other = newAddress();
    await here.signUp.signUp(other, password);
    const second = await readMail(other, '/verify');
    expect(await codeOf(here.openLink.openLink(secretOf(second.link), ''))).to.equal('resolved');
  });

  it('sends the mail again, and only the code of this browser is valid', async () => {
    const { signUp: page } = await openBrowser();
    const email = newAddress();
    const pending = await page.signUp(email, password);
    await readMail(email, '/verify');
    await pending!.resend();
    const { code } = await readMail(email, '/verify');
    const other = await openBrowser();
    const foreign = await other.signUp.signUp(newAddress(), password);
    expect(await codeOf(foreign!.continueWith({ code }))).to.be.oneOf(['mail_code_wrong', 'link_invalid']);
    expect(await codeOf(pending!.continueWith({ code }))).to.equal('resolved');
  });

  it('signs in an account from before the policy once its address is verified', async () => {
    const { session, signUp: page } = await openBrowser();
    const email = 'operator@example.com';
    const rejection = await session.session.login({ email, password }).catch((cause: unknown) => cause);
    const pending = rejection as VerificationRequired;
    expect(pending.code).to.equal('verification_required');
    const { code } = await readMail(email, '/verify');
    expect(await codeOf(page.enterCode(pending, code))).to.equal('resolved');
    await session.session.logout();
    expect(await codeOf(session.session.login({ email, password }))).to.equal('resolved');
  });

  it('sets a forgotten password by the code, and signs no user in', async () => {
    const browser = await openBrowser();
    const { email } = await signUp(browser);
    await browser.byMail.forgot(email);
    const { code } = await readMail(email, '/reset');
    expect(await codeOf(browser.byMail.setPassword(code, 'short'))).to.equal('weak_password');
    expect(await browser.byMail.setPassword(code, nextPassword)).to.equal(1);
    expect(browser.session.session.state.status).to.equal('signed_out');
    expect(await codeOf(browser.session.session.login({ email, password }))).to.equal('invalid_credentials');
    expect(await codeOf(browser.session.session.login({ email, password: nextPassword }))).to.equal('resolved');
  });

  it('replaces a password that has to be changed', async () => {
    const { session, byMail } = await openBrowser();
    const email = 'made@example.com';
    const login = (typed: string) => codeOf(session.session.login({ email, password: typed }));
    expect(await login(password)).to.equal('password_change_required');
    await byMail.replacePassword(email, password, nextPassword);
    expect(await login(nextPassword)).to.equal('resolved');
  });

  it('signs in by the link of an invitation', async () => {
    const { session, invitation } = await openBrowser();
    const email = 'invited@example.com';
    const { link } = await readMail(email, '/invitation');
    expect(await invitation.acceptInvitation(secretOf(link), password, 'Ada')).to.equal(email);
    expect(session.session.user).to.include({ email, email_verified: true, name: 'Ada' });
  });

  it('signs in by a mail', async () => {
    const [first, second] = [await openBrowser(), await openBrowser()];
    const { email, id } = await signUp(first);
    const pending = await second.byMail.signInByMail(email);
    const { code } = await readMail(email, '/sign-in/email');
    expect((await pending.continueWith({ code })).id).to.equal(id);
    expect(first.session.session.state.status, 'the other session continues').to.equal('active');
  });

  it('changes the password and the address', async () => {
    const browser = await openBrowser();
    const { email } = await signUp(browser);
    expect(await browser.settings.readAddress()).to.equal(email);
    expect(await browser.settings.changePassword(password, nextPassword)).to.equal(0);
    const next = newAddress();
    expect(await codeOf(browser.settings.requestAddress(next, password))).to.equal('invalid_credentials');
    await browser.settings.requestAddress(next, nextPassword);
    const { code } = await readMail(next, '/account/email');
    expect(await browser.settings.confirmAddress(code)).to.equal(0);
    expect(await browser.settings.readAddress()).to.equal(next);
  });

  it('changes the profile, and session.user in this browser and in another one', async () => {
    const [first, second] = [await openBrowser(), await openBrowser()];
    const { email } = await signUp(first);
    await second.session.session.login({ email, password });
    await first.settings.rename('Ada Lovelace');
    await waitFor(() => first.session.session.user?.name === 'Ada Lovelace');
    expect(first.session.session.user).to.include({ email, email_verified: true });
    second.session.session.socket.io.engine.close();
    await waitFor(() => second.session.session.user?.name === 'Ada Lovelace');
    expect((await first.settings.listActivity()).join()).to.contain('profile_changed');
  });
});
