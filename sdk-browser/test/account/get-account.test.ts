import { type CurrentUser, type ErrorCode, Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { type Account, getAccount } from '../../src/account/index.ts';
import { createSession, type Session, type TokenStorage } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Body, type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };
const user = { id: 'u1', tenant_id: 't1', email: ada.email } as CurrentUser;

describe('getAccount', () => {
  let service: Service;
  let storage: TokenStorage;
  let session: Session;
  let account: Account;
  /** Bodies of requests in order, with their path. */
  let bodies: (readonly [path: string, body: Body])[];

  const answer = (path: string, ...given: [status: number, body: object] | [ErrorCode]) =>
    service.answers.set(path, (body) => {
      bodies.push([path, body]);
      return given.length === 1 ? given[0] : given;
    });
  const open = (): Session => createSession({ url: service.url, storage, tenant: 'shop', random: () => 0.1 });
  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
    session = open();
    account = getAccount(session);
    bodies = [];
  });
  afterEach(async () => {
    session.close();
    await service.stop();
  });
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'resolved',
      (cause: unknown) => (cause instanceof Failure ? cause.code : cause),
    );

  it('returns the same object for a session, and throws for another object', () => {
    expect(getAccount(session)).to.equal(account);
    expect(() => getAccount({} as Session)).to.throw(TypeError);
  });

  describe('without a session', () => {
    it('sets a new password by the code, with the ticket of the browser that requested it', async () => {
      answer('/password/forgot', 202, { expires_in: 1_800 });
      answer('/password/reset', 200, { ended: 2 });
      expect(await account.forgotPassword({ email: ada.email })).to.include({ expires_in: 1_800 });
      session.close();
      session = open();
      expect(await getAccount(session).resetPassword({ code: '123456', newPassword: 'new words' })).to.include({
        ended: 2,
      });
      const [[, asked], [, shown]] = bodies as [(typeof bodies)[0], (typeof bodies)[0]];
      expect(asked).to.deep.equal({ email: ada.email, tenant: 'shop', ticket: asked.ticket });
      expect(shown).to.deep.equal({ code: '123456', ticket: asked.ticket, new_password: 'new words' });
      expect(storage.length, 'the ticket was used').to.equal(0);
    });

    it('keeps the ticket after a weak password', async () => {
      answer('/password/forgot', 202, { expires_in: 1_800 });
      answer('/password/reset', 'weak_password');
      await account.forgotPassword({ email: ada.email });
      const reset = () => codeOf(account.resetPassword({ code: '123456', newPassword: 'weak' }));
      expect(await reset()).to.equal('weak_password');
      answer('/password/reset', 200, { ended: 0 });
      expect(await reset()).to.equal('resolved');
    });

    it('sets a new password by a link without a ticket, and refuses a code that this browser did not request', async () => {
      answer('/password/reset', 200, { ended: 0 });
      await account.resetPassword({ secret: 'secret of a link', newPassword: 'new words' });
      expect(bodies).to.deep.equal([['/password/reset', { secret: 'secret of a link', new_password: 'new words' }]]);
      expect(await codeOf(account.resetPassword({ code: '123456', newPassword: 'new words' }))).to.equal(
        'link_invalid',
      );
      expect(bodies).to.have.length(1);
    });

    it('signs in by a mail, also after a reload', async () => {
      answer('/login/email', 202, { expires_in: 600 });
      service.answers.set('/login/email/verify', (body) => {
        bodies.push(['/login/email/verify', body]);
        return [200, service.issueCode(body)];
      });
      const pending = await account.signInByMail({ email: ada.email, scope: 'a' });
      await pending.resend();
      expect(await getAccount(session).pendingVerification()).to.equal(undefined);
      session.close();
      session = open();
      await (await getAccount(session).pendingSignIn())?.continueWith({ code: '123456' });
      expect(session.state.status).to.equal('active');
      const { ticket } = bodies[0]?.[1] ?? {};
      const asked = { email: ada.email, tenant: 'shop', ticket };
      expect(bodies.slice(0, 2)).to.deep.equal([
        ['/login/email', asked],
        ['/login/email', asked],
      ]);
      expect(bodies[2]?.[1]).to.include({ ticket, code: '123456', scope: 'a' });
    });

    it('rejects with the refusal, and keeps no ticket', async () => {
      answer('/login/email', 'forbidden');
      expect(await codeOf(account.signInByMail({ email: ada.email }))).to.equal('forbidden');
      expect(await account.pendingSignIn()).to.equal(undefined);
    });

    it('verifies by link and password in another browser', async () => {
      service.answers.set('/email/verify', (body) => {
        bodies.push(['/email/verify', body]);
        return [200, service.issueCode(body)];
      });
      expect(await account.verifyWithPassword({ secret: 's', password: 'p' })).to.include({ id: 'u1' });
      expect(bodies[0]?.[1]).to.include({ secret: 's', password: 'p' }).and.not.have.property('ticket');
    });

    it('signs in with the account of an invitation', async () => {
      service.answers.set('/invitations/accept', (body) => {
        bodies.push(['/invitations/accept', body]);
        return [201, service.issueCode(body)];
      });
      const acceptance = { secret: 's', password: 'p', name: 'Ada' };
      expect(await account.acceptInvitation(acceptance)).to.include({ id: 'u1' });
      expect(bodies[0]?.[1]).to.include(acceptance);
      expect(session.state.status).to.equal('active');
    });

    it('replaces a password that has to be changed, in the tenant of the session', async () => {
      answer('/password/reset', 200, { ended: 1 });
      const input = { ...ada, newPassword: 'new words' };
      expect(await account.replacePassword(input)).to.include({ ended: 1 });
      expect(bodies).to.deep.equal([['/password/reset', { ...ada, tenant: 'shop', new_password: 'new words' }]]);
      expect(session.state.status).to.equal('signed_out');
    });

    it('rejects requests of a session with unauthenticated', async () => {
      answer('/me', 'unauthenticated');
      expect(await codeOf(account.profile())).to.equal('unauthenticated');
    });
  });

  describe('with a session', () => {
    beforeEach(() => session.login(ada));

    it('sends each request with the members of the protocol', async () => {
      answer('/me/verification/request', 202, { expires_in: 1 });
      answer('/me/verification', 200, { email_verified: true });
      answer('/me/email', 202, { expires_in: 1 });
      answer('/me/email/verify', 200, { ended: 1 });
      answer('/me/password', 200, { ended: 3 });
      await account.requestVerification();
      await account.verify({ code: '123456' });
      await account.requestEmailChange({ email: 'new@example.com', currentPassword: 'p' });
      await account.verifyEmailChange({ secret: 's' });
      expect(await account.changePassword({ currentPassword: 'p', newPassword: 'n' })).to.include({ ended: 3 });
      expect(bodies).to.deep.equal([
        ['/me/verification/request', {}],
        ['/me/verification', { code: '123456' }],
        ['/me/email', { email: 'new@example.com', current_password: 'p' }],
        ['/me/email/verify', { secret: 's' }],
        ['/me/password', { current_password: 'p', new_password: 'n' }],
      ]);
    });

    it('publishes each profile, and reads it after a change while there is a listener', async () => {
      answer('/me', 200, user);
      answer('/me/verification', 200, { email_verified: true });
      const seen: (string | null)[] = [];
      const leave = account.subscribe(({ email }) => seen.push(email));
      expect(await account.profile()).to.deep.equal(user);
      answer('/me', 200, { ...user, email: 'new@example.com' });
      await account.verify({ code: '123456' });
      leave();
      await account.verify({ code: '123456' });
      expect(seen).to.deep.equal([ada.email, 'new@example.com']);
    });

    it('changes the profile, publishes it, and renews session.user', async () => {
      answer('/me', 200, { ...user, name: 'Ada Lovelace' });
      const names: unknown[] = [];
      account.subscribe(({ name }) => names.push(name));
      service.claims = { name: 'Ada Lovelace' };
      const change = { name: 'Ada Lovelace', picture: null, userMetadata: { theme: 'dark' } };
      expect((await account.update(change)).name).to.equal('Ada Lovelace');
      const body = { name: 'Ada Lovelace', picture: null, user_metadata: { theme: 'dark' } };
      expect(bodies).to.deep.equal([['/me', body]]);
      expect([service.requests.at(-1), names]).to.deep.equal(['PATCH /me', ['Ada Lovelace']]);
      await waitFor(() => session.user?.name === 'Ada Lovelace');
      expect(session.generation).to.equal(2);
    });

    it('reads pages of the activity, and the export', async () => {
      answer('/me/activity?limit=2&cursor=c', 200, { activity: [], next_cursor: null });
      answer('/me/activity', 200, { activity: [], next_cursor: null });
      answer('/me/export', 200, { user });
      expect(await account.activity({ limit: 2, cursor: 'c' })).to.deep.equal({ activity: [], next_cursor: null });
      expect(await account.activity()).to.deep.equal({ activity: [], next_cursor: null });
      expect(await account.export()).to.deep.equal({ user });
    });

    it('signs out after the deletion of the account, also where no event of the service arrives', async () => {
      answer('/me', 200, { ended: 1 });
      const reasons: unknown[] = [];
      session.on('logged_out', ({ reason }) => reasons.push(reason));
      expect(await account.delete()).to.include({ ended: 1 });
      expect(service.requests.at(-1)).to.equal('DELETE /me');
      expect([session.state.status, session.state.reason, reasons]).to.deep.equal([
        'signed_out',
        'user_deleted',
        ['user_deleted'],
      ]);
      expect(storage.getItem(`latchkey:${new URL(service.url).host}/shop:token`)).to.equal(null);
    });

    it('stays signed in when the deletion is refused', async () => {
      answer('/me', 'reauthentication_required');
      expect(await codeOf(account.delete())).to.equal('reauthentication_required');
      expect(session.state.status).to.equal('active');
    });

    it('rejects with the refusal of the service, and with unavailable when it cannot be reached', async () => {
      answer('/me/password', 'reauthentication_required');
      const change = () => codeOf(account.changePassword({ currentPassword: 'p', newPassword: 'n' }));
      expect(await change()).to.equal('reauthentication_required');
      await service.stop();
      expect(await change()).to.equal('unavailable');
    });
  });
});
