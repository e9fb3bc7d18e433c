import { randomUUID } from 'node:crypto';
import type { AccessClaims } from '@latchkey/contract';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { onEachDatabase } from '../databases.ts';
import { type Fixture, newKey, openFixture } from './fixture.ts';

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as AccessClaims;

const asking = (begin: (answer: () => void) => void) => new Promise<void>(begin);

onEachDatabase('recomputeClaims', (database) => {
  let fixture: Fixture;
  let role: unknown;

  beforeEach(async () => {
    role = 'teller';
    fixture = await openFixture(database(), { hooks: { claim: () => ({ role, sub: 'nobody' }) } });
  });
  afterEach(() => fixture.stop());

  it('adds the present claims of the hook to the next access token of every live session of the user', async () => {
    const { email, grant } = await fixture.enter();
    const other = await fixture.redeem(await fixture.login(email), newKey());
    const ended = await fixture.redeem(await fixture.login(email), newKey());
    await fixture.flows.logout(ended.sid, 'session');
    const stranger = await fixture.enter();
    role = 'manager';
    expect(await fixture.flows.recomputeClaims(grant.userId)).to.deep.equal({ changed: 2 });
    expect(await fixture.flows.recomputeClaims(grant.userId), 'nothing new').to.deep.equal({ changed: 0 });
    const refreshed = await fixture.flows.refresh(other.sid);
    const rotated = await fixture.present(grant.token, newKey());
    for (const { accessToken } of [refreshed, rotated])
      expect(claimsOf(accessToken)).to.include({ role: 'manager', sub: grant.userId });
    expect(rotated.claims).to.deep.equal({ role: 'manager', email, email_verified: false });
    expect(claimsOf((await fixture.flows.refresh(stranger.grant.sid)).accessToken)).to.include({ role: 'teller' });
  });

  it('keeps the claims of the latest call, also when the hook answers an older call later, on another node', async () => {
    const { grant } = await fixture.enter();
    let answerOld = () => {};
    let isAsked = false;
    const slow = await openFixture(database(), {
      hooks: {
        async claim() {
          const then = role;
          if (!isAsked)
            await asking((answer) => {
              [isAsked, answerOld] = [true, answer];
            });
          return { role: then };
        },
      },
    });
    const older = slow.flows.recomputeClaims(grant.userId);
    await waitFor(() => isAsked);
    role = 'manager';
    expect(await fixture.flows.recomputeClaims(grant.userId)).to.deep.equal({ changed: 1 });
    answerOld();
    expect(await older).to.deep.equal({ changed: 0 });
    expect(claimsOf((await fixture.flows.refresh(grant.sid)).accessToken)).to.include({ role: 'manager' });
    await slow.stop();
  });

  it('resolves for each of many concurrent callers', async () => {
    const { grant } = await fixture.enter();
    const asked = Array.from({ length: 12 }, (_, n) => {
      role = `role ${n}`;
      return codeOf(fixture.flows.recomputeClaims(grant.userId) as Promise<never>);
    });
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(['done']));
    expect(claimsOf((await fixture.flows.refresh(grant.sid)).accessToken)).to.include({ role: 'role 11' });
  });

  it('keeps the claims when the result of the hook is invalid, or the user is unknown', async () => {
    const { grant } = await fixture.enter();
    role = 'x'.repeat(5_000);
    expect(await codeOf(fixture.flows.recomputeClaims(grant.userId) as Promise<never>)).to.equal('internal_error');
    for (const nobody of [randomUUID(), 'no uuid'])
      expect(await codeOf(fixture.flows.recomputeClaims(nobody) as Promise<never>)).to.equal('not_found');
    expect(claimsOf((await fixture.flows.refresh(grant.sid)).accessToken)).to.include({ role: 'teller' });
  });
});
