import { randomUUID } from 'node:crypto';
import type { AccessClaims } from '@latchkey/contract';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { onEachDatabase } from '../databases.ts';
import { type House, newKey, openHouse } from './house.ts';

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as AccessClaims;

const asking = (begin: (answer: () => void) => void) => new Promise<void>(begin);

onEachDatabase('recomputeClaims', (database) => {
  let house: House;
  let role: unknown;

  beforeEach(async () => {
    role = 'teller';
    house = await openHouse(database(), { hooks: { claim: () => ({ role, sub: 'nobody' }) } });
  });
  afterEach(() => house.stop());

  it('adds the present claims of the hook to the next access token of every live session of the user', async () => {
    const { email, grant } = await house.enter();
    const other = await house.redeem(await house.login(email), newKey());
    const ended = await house.redeem(await house.login(email), newKey());
    await house.flows.logout(ended.sid, 'session');
    const stranger = await house.enter();
    role = 'manager';
    expect(await house.flows.recomputeClaims(grant.userId)).to.deep.equal({ changed: 2 });
    expect(await house.flows.recomputeClaims(grant.userId), 'nothing new').to.deep.equal({ changed: 0 });
    const refreshed = await house.flows.refresh(other.sid);
    const rotated = await house.present(grant.token, newKey());
    for (const { accessToken } of [refreshed, rotated])
      expect(claimsOf(accessToken)).to.include({ role: 'manager', sub: grant.userId });
    expect(rotated.claims).to.deep.equal({ role: 'manager' });
    expect(claimsOf((await house.flows.refresh(stranger.grant.sid)).accessToken)).to.include({ role: 'teller' });
  });

  it('keeps the claims of the latest call, also when the hook answers an older call later, on another node', async () => {
    const { grant } = await house.enter();
    let answerOld = () => {};
    let isAsked = false;
    const slow = await openHouse(database(), {
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
    expect(await house.flows.recomputeClaims(grant.userId)).to.deep.equal({ changed: 1 });
    answerOld();
    expect(await older).to.deep.equal({ changed: 0 });
    expect(claimsOf((await house.flows.refresh(grant.sid)).accessToken)).to.include({ role: 'manager' });
    await slow.stop();
  });

  it('resolves for each of many concurrent callers', async () => {
    const { grant } = await house.enter();
    const asked = Array.from({ length: 12 }, (_, n) => {
      role = `role ${n}`;
      return codeOf(house.flows.recomputeClaims(grant.userId) as Promise<never>);
    });
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(['done']));
    expect(claimsOf((await house.flows.refresh(grant.sid)).accessToken)).to.include({ role: 'role 11' });
  });

  it('keeps the claims when the result of the hook is invalid, or the user is unknown', async () => {
    const { grant } = await house.enter();
    role = 'x'.repeat(5_000);
    expect(await codeOf(house.flows.recomputeClaims(grant.userId) as Promise<never>)).to.equal('internal_error');
    for (const nobody of [randomUUID(), 'no uuid'])
      expect(await codeOf(house.flows.recomputeClaims(nobody) as Promise<never>)).to.equal('not_found');
    expect(claimsOf((await house.flows.refresh(grant.sid)).accessToken)).to.include({ role: 'teller' });
  });
});
