import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { challenge, type Fixture, openFixture, peer } from '../fixture.ts';
import { mailFixture, newTicket, wrongCodeOf } from './mail-fixture.ts';

const limit = 4;
const elsewhere = { ...peer, address: '198.51.100.1' };
/** Another client of the network of an IPv6 address. */
const [ofNetwork, sameNetwork] = ['2001:db8::1', '2001:db8::2'].map((address) => ({ ...peer, address }));

onEachDatabase('the limit of links and codes of a network', (database) => {
  let fixture: Fixture;
  let mailed: ReturnType<typeof mailFixture>;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database(), { env: { LATCHKEY_FAILED_LOGINS_PER_ADDRESS: String(limit) } });
    mailed = mailFixture(fixture, database());
    await mailed.setTenant({ email_sign_in: true });
  });
  afterEach(async () => {
    await mailed.setTenant({ email_sign_in: false });
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const newPassword = 'another long password';
  const acceptance = { password: newPassword, codeChallenge: challenge };
  /** Each takes a link, and does not say before whether it exists. */
  const uses = {
    inspectLink: (secret: string, from = peer) => fixture.flows.inspectLink({ secret }, from),
    undoEmailChange: (secret: string, from = peer) => fixture.flows.undoEmailChange({ secret }, from),
    resetPassword: (secret: string, from = peer) =>
      fixture.flows.resetPassword({ proof: { secret }, newPassword }, from),
    acceptInvitation: (secret: string, from = peer) => fixture.flows.acceptInvitation({ secret, ...acceptance }, from),
  };

  /** The link for a new password of a new user. */
  async function newLink(): Promise<string> {
    const { email } = await fixture.enter();
    await mailed.forgot(email);
    return (await mailed.mail()).data.secret!;
  }
  async function codesOf(count: number, act: () => Promise<unknown>): Promise<string[]> {
    const codes = [];
    for (let times = 0; times < count; times++) codes.push(await codeOf(act()));
    return codes;
  }
  const refusedAfter = (code: string, allowed = limit) => [...Array(allowed).fill(code), 'rate_limited'];

  for (const [name, use] of Object.entries(uses))
    it(`refuses ${name} after as many links as wrong passwords are allowed, and says when to try again`, async () => {
      expect(await codesOf(limit, () => use(newTicket()))).deep.equal(Array(limit).fill('link_invalid'));
      const refused = await use(newTicket()).catch((error: unknown) => error);
      expect(refused).instanceOf(Failure).include({ code: 'rate_limited' });
      expect((refused as Failure).retryAfterMs).within(14 * 60_000, 15 * 60_000);
      expect(await codeOf(use(newTicket(), elsewhere)), 'another network').equal('link_invalid');
      expect(await codeOf(use(newTicket(), { ...peer, address: null })), 'an unknown address').equal('link_invalid');
      expect(fixture.warnings).to.have.length(1);
      expect(fixture.warnings[0]).include({ cause: 'mail_proofs_limited' });
    });

  it('counts a link that exists as one that does not, and its inspection apart from its use', async () => {
    const secret = await newLink();
    expect(await codesOf(limit + 1, () => uses.inspectLink(secret))).deep.equal(refusedAfter('done'));
    expect(await codeOf(uses.inspectLink(newTicket()))).equal('rate_limited');
    expect(await codeOf(uses.resetPassword(secret))).equal('done');
  });

  it('counts weak passwords, and the clients of an IPv6 network as one', async () => {
    const secret = await newLink();
    const weak = (from = ofNetwork) =>
      fixture.flows.resetPassword({ proof: { secret }, newPassword: 'short' }, from ?? peer);
    expect(await codesOf(limit, weak)).deep.equal(Array(limit).fill('weak_password'));
    expect(await codeOf(weak(sameNetwork))).equal('rate_limited');
  });

  it('leaves a link valid that others of its network could not use', async () => {
    const secret = await newLink();
    await codesOf(limit, () => uses.resetPassword(newTicket()));
    expect(await codeOf(uses.resetPassword(secret))).equal('rate_limited');
    expect(await codeOf(uses.resetPassword(secret, elsewhere))).equal('done');
  });

  it('leaves a code its tries while the network is refused', async () => {
    const { email } = await fixture.enter();
    const ticket = newTicket();
    await mailed.forgot(email, ticket);
    const { data } = await mailed.mail();
    await codesOf(limit, () => uses.resetPassword(newTicket()));
    const reset = (code: string, from = peer) =>
      codeOf(fixture.flows.resetPassword({ proof: { code, ticket }, newPassword }, from));
    for (let tries = 0; tries < 6; tries++) expect(await reset(wrongCodeOf(data.code))).equal('rate_limited');
    expect(await reset(data.code!, elsewhere)).equal('done');
  });

  it('is that of wrong links and codes for sign-ins, so that many users of a network sign in', async () => {
    const signIn = (proof: { code: string; ticket: string }) =>
      fixture.flows.signInByMail({ proof, codeChallenge: challenge }, peer);
    for (let users = 0; users <= limit; users++) {
      const { email } = await mailed.enterVerified();
      const ticket = newTicket();
      await fixture.flows.requestEmailSignIn({ email, ticket }, peer);
      const { data } = await mailed.mail();
      expect(await codeOf(signIn({ code: data.code!, ticket }))).equal('done');
    }
    const unknown = { code: '123456', ticket: newTicket() };
    expect(await codesOf(limit + 1, () => signIn(unknown))).deep.equal(refusedAfter('link_invalid'));
    const verify = fixture.flows.verifyEmail({ proof: unknown, codeChallenge: challenge }, peer);
    expect(await codeOf(verify)).equal('rate_limited');
  });

  it('is counted apart from that of passwords', async () => {
    const { email } = await fixture.enter();
    await codesOf(limit + 1, () => uses.resetPassword(newTicket()));
    expect(await codeOf(fixture.login(email))).equal('done');
  });
});
