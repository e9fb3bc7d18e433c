import { fail, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createEntryActions, type WaitingMail } from '../../src/sign-in/entry-actions.ts';
import type { PostSignIn } from '../../src/sign-in/post-sign-in.ts';

const who = { email: 'ann@example.com', password: 'violet anchor rain' };

function open(post: PostSignIn) {
  const waits: [WaitingMail, number][] = [];
  const ways: string[] = [];
  const sent: object[] = [];
  const send = async (request: object) => {
    sent.push(request);
    return { expires_in: 600 };
  };
  const actions = createEntryActions({
    tenant: 'shop',
    api: {
      requestSignIn: send,
      requestVerification: send,
      async resetPassword(proof, newPassword) {
        sent.push({ ...proof, newPassword });
        return { ended: 0 };
      },
    },
    memory: { saveWay: (tenant, way) => void ways.push(`${tenant} ${way}`) },
    post,
    wait: (mail, seconds) => void waits.push([mail, seconds]),
  });
  return { actions, waits, ways, sent };
}

describe('createEntryActions', () => {
  it('remembers the way that signed in, and none after a refusal', async () => {
    const good = open(async () => 'signed_in');
    await good.actions.signIn(who);
    await good.actions.sendCode({ purpose: 'sign_in', email: who.email, ticket: 't' }, '123456');
    expect(good.ways).to.deep.equal(['shop password', 'shop mail']);
    const bad = open(async () => {
      throw fail('invalid_credentials');
    });
    const error = await bad.actions.signIn(who).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'invalid_credentials' });
    expect(bad.ways).to.deep.equal([]);
  });

  it('replaces a password, and signs in with the new one', async () => {
    const posted: object[] = [];
    const { actions, sent } = open(async (_path, body) => {
      posted.push(body);
      return 'signed_in';
    });
    await actions.replacePassword(who, 'green paper lantern');
    expect(sent).to.deep.equal([{ ...who, tenant: 'shop', newPassword: 'green paper lantern' }]);
    expect(posted).to.deep.equal([{ email: who.email, password: 'green paper lantern', tenant: 'shop' }]);
  });

  it('asks for a mail with the password where the address has to be verified first', async () => {
    const { actions, waits, ways, sent } = open(async () => {
      throw fail('email_unverified');
    });
    await actions.signIn(who);
    const [[mail, seconds] = []] = waits;
    expect(sent).to.deep.equal([{ ...who, tenant: 'shop', ticket: mail?.ticket }]);
    expect([mail?.purpose, mail?.email, seconds]).to.deep.equal(['verify_email', who.email, 600]);
    expect(ways).to.deep.equal([]);
  });

  it('waits for the mail of a sign-up, and sends its code with the ticket', async () => {
    const posted: unknown[] = [];
    const { actions, waits } = open(async (...call) => {
      posted.push(call);
      return 'mail_sent';
    });
    await actions.signUp(who);
    const mail = waits[0]![0];
    await actions.sendCode(mail, '123456');
    expect(posted).to.deep.equal([
      [paths.register, { ...who, tenant: 'shop', ticket: mail.ticket }],
      [paths.emailVerify, { ticket: mail.ticket, code: '123456' }],
    ]);
  });

  it('sends the mail again with the same ticket', async () => {
    const { actions, waits, sent } = open(async () => 'signed_in');
    await actions.mailCode(who.email);
    const mail = waits[0]![0];
    await actions.resend(mail);
    expect(sent).to.deep.equal(Array(2).fill({ email: who.email, tenant: 'shop', ticket: mail.ticket }));
  });
});
