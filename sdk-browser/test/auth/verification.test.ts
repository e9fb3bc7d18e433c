import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { getAccount } from '../../src/account/index.ts';
import {
  createSession,
  isVerificationRequired,
  type Session,
  type TokenStorage,
  type VerificationRequired,
} from '../../src/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Body, type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };
const sent = { expires_in: 86_400 };

describe('a sign-in whose address is not verified', () => {
  let service: Service;
  let storage: TokenStorage;
  let sessions: Session[];
  /** Bodies by path, in order. */
  let bodies: Map<string, Body[]>;

  const open = (): Session => {
    const session = createSession({ url: service.url, storage, random: () => 0.1 });
    sessions.push(session);
    return session;
  };
  const answer = (path: string, give: Parameters<Service['answers']['set']>[1]) =>
    service.answers.set(path, (body) => {
      bodies.set(path, [...(bodies.get(path) ?? []), body]);
      return give(body);
    });
  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
    sessions = [];
    bodies = new Map();
    answer('/register', () => [202, sent]);
    answer('/email/verify/request', () => [202, sent]);
    answer('/email/verify', (body) =>
      body.code === '123456' || body.secret === 'right' ? [200, service.issueCode(body)] : 'mail_code_wrong',
    );
  });
  afterEach(async () => {
    for (const session of sessions) session.close();
    await service.stop();
  });

  async function failureOf(work: Promise<unknown>): Promise<Failure> {
    const cause = await work.then(
      () => undefined,
      (why: unknown) => why,
    );
    expect(cause).to.be.instanceOf(Failure);
    return cause as Failure;
  }
  async function pendingOf(work: Promise<unknown>): Promise<VerificationRequired> {
    const failure = await failureOf(work);
    if (!isVerificationRequired(failure)) throw failure;
    return failure;
  }
  const mailEntries = () =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((name) =>
      name.includes(':mail:'),
    );

  it('rejects register with verification_required, and signs in with the code of the mail', async () => {
    const session = open();
    const pending = await pendingOf(session.register({ ...ada, scope: 'report:read' }));
    expect(pending).to.include({ code: 'verification_required', email: ada.email });
    expect([session.state.status, service.shown.length]).to.deep.equal(['signed_out', 0]);
    expect(mailEntries()).to.have.length(1);
    expect(await pending.continueWith({ code: '123456' })).to.include({ id: 'u1' });
    expect(session.state).to.include({ status: 'active', generation: 1 });
    const [asked] = bodies.get('/register') ?? [];
    const [shown] = bodies.get('/email/verify') ?? [];
    expect(asked?.ticket).to.match(/^[\w-]{43}$/);
    expect(shown).to.deep.include({ ticket: asked?.ticket, code: '123456', scope: 'report:read' });
    expect(shown?.code_challenge).to.match(/^[\w-]{43}$/);
    expect(mailEntries()).to.deep.equal([]);
  });

  it('can be continued after a wrong code', async () => {
    const session = open();
    const pending = await pendingOf(session.register(ada));
    expect((await failureOf(pending.continueWith({ code: '000000' }))).code).to.equal('mail_code_wrong');
    expect(session.state.status).to.equal('signed_out');
    expect(await pending.continueWith({ code: '123456' })).to.include({ id: 'u1' });
  });

  it('requests the mail by the password when login is refused as email_unverified', async () => {
    answer('/login', () => 'email_unverified');
    const session = open();
    const pending = await pendingOf(session.login({ ...ada, tenant: 'shop' }));
    const [asked] = bodies.get('/email/verify/request') ?? [];
    expect(asked).to.include({ ...ada, tenant: 'shop' });
    expect(bodies.get('/login')?.[0]).to.not.have.property('ticket');
    expect(await pending.continueWith({ secret: 'right' })).to.include({ id: 'u1' });
    expect(bodies.get('/email/verify')?.[0]).to.deep.include({ secret: 'right', ticket: asked?.ticket });
  });

  it('rejects with the refusal of that request', async () => {
    answer('/login', () => 'email_unverified');
    answer('/email/verify/request', () => 'mail_unavailable');
    expect((await failureOf(open().login(ada))).code).to.equal('mail_unavailable');
    expect(mailEntries()).to.deep.equal([]);
  });

  it('sends the mail again by the ticket alone, and keeps no password', async () => {
    const pending = await pendingOf(open().register(ada));
    await pending.resend();
    expect(bodies.get('/email/verify/request')).to.deep.equal([{ ticket: bodies.get('/register')?.[0]?.ticket }]);
    expect(storage.getItem(mailEntries()[0] ?? ''))
      .to.contain(ada.email)
      .and.not.contain(ada.password);
  });

  it('continues after a reload, and in another tab', async () => {
    const first = open();
    await pendingOf(first.register(ada));
    first.close();
    const second = open();
    const pending = await getAccount(second).pendingVerification();
    expect(pending?.email).to.equal(ada.email);
    await pending?.continueWith({ secret: 'right' });
    expect(second.state.status).to.equal('active');
    expect(await getAccount(second).pendingVerification()).to.equal(undefined);
  });

  it('shares the promise of a second call with the same code, and rejects another one with busy', async () => {
    const pending = await pendingOf(open().register(ada));
    const done = pending.continueWith({ code: '123456' });
    expect(pending.continueWith({ code: '123456' })).to.equal(done);
    expect((await failureOf(pending.continueWith({ code: '654321' }))).code).to.equal('busy');
    await done;
    expect(bodies.get('/email/verify')).to.have.length(1);
  });

  it('signs in as before where the service answers a code', async () => {
    service.answers.delete('/register');
    expect(await open().register(ada)).to.include({ id: 'u1' });
    expect(isVerificationRequired(new Failure('email_unverified'))).to.equal(false);
  });
});
