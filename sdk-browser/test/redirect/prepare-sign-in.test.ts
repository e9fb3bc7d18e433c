import { expect } from 'chai';
import { createSession, type Session } from '../../src/index.ts';
import { prepareSignIn } from '../../src/redirect/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Service, startService } from '../harness/service.ts';

describe('prepareSignIn', () => {
  let service: Service;
  let session: Session;
  beforeEach(async () => {
    service = await startService();
    session = createSession({ url: service.url, storage: createMemoryStorage(), random: () => 0.1 });
  });
  afterEach(async () => {
    session.close();
    await service.stop();
  });

  it('redeems the code of a request that the page made itself', async () => {
    const { request, redeem } = await prepareSignIn(session);
    expect(service.shown, 'nothing is sent before').to.have.length(0);
    const body = JSON.stringify({ email: 'ada@example.com', password: 'correct horse', ...request });
    const answer = await (await fetch(`${service.url}/login`, { method: 'POST', body })).json();
    expect(await redeem(answer)).to.include({ id: 'u1' });
    expect(session.state).to.include({ status: 'active', generation: 1 });
    expect(service.shown[0]).to.include({ code: answer.code });
  });

  it('uses other secrets for each sign-in', async () => {
    const [one, two] = [await prepareSignIn(session), await prepareSignIn(session)];
    expect(one.request.code_challenge)
      .to.match(/^[\w-]{43}$/)
      .and.not.equal(two.request.code_challenge);
    expect(one.request.code_challenge_method).to.equal('S256');
  });
});
