import { createSystemClock } from '@latchkey/core/internal';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createBackendFlows } from '../../src/flow/flows.ts';
import { createHooks } from '../../src/hook/hooks.ts';
import { onEachDatabase } from '../databases.ts';
import { type Fixture, openFixture } from '../flow/fixture.ts';
import { type BackendStage, openBackendStage } from './backend-stage.ts';

onEachDatabase('signing keys at a backend', (database) => {
  let fixture: Fixture;
  let stage: BackendStage;
  let latchkey: Latchkey;

  beforeEach(async () => {
    fixture = await openFixture(database());
    const { domain, config } = fixture;
    const { db } = database();
    const clock = createSystemClock();
    const onError = (error: unknown) => void fixture.errors.push(error);
    const hooks = createHooks({}, { clock, onFailure: () => {} });
    const presence = { start: async () => {}, renew: async () => {}, stop: async () => {}, leave: async () => {} };
    const deps = {
      flows: createBackendFlows({
        ...domain,
        db,
        clock,
        config,
        hooks,
        causes: fixture.causes,
        log: fixture.context.log,
        mail: fixture.context.mail,
        links: fixture.context.links,
        onError,
      }),
      feed: domain.feed,
      presenceOf: () => presence as never,
      kids: () =>
        domain.keys
          .jwks()
          .keys.map(({ kid }) => kid)
          .join(' '),
    };
    stage = await openBackendStage(deps, domain.keys.jwks);
    const { backend, secret } = await domain.backends.create(db, { name: 'App' });
    latchkey = createLatchkey({
      ...{ url: stage.url, backendId: backend.id, backendSecret: secret },
      ...{ issuer: config.issuer, audience: config.audience },
    });
    await latchkey.ready();
  });
  afterEach(async () => {
    latchkey.close();
    await stage.stop();
    await fixture.stop();
  });

  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid as string;
  const isAccepted = (token: string) =>
    latchkey.verify(token).then(
      () => true,
      () => false,
    );

  it('are read again when the service requests it: a token of a new key is accepted', async () => {
    const { keys } = fixture.domain;
    const before = (await fixture.enter()).grant.accessToken;
    expect(await isAccepted(before)).to.equal(true);
    const published = keys.jwks().keys.map(({ kid }) => kid);
    // The next key was published all along; only the one after it is news.
    for (const _ of [1, 2]) expect(await keys.rotate(database().db)).to.have.property('rotated', true);
    const after = (await fixture.enter()).grant.accessToken;
    expect(published).to.include(kidOf(before)).and.not.to.include(kidOf(after));
    // By itself the backend would not fetch again for 10 s.
    await waitFor(() => isAccepted(after));
    expect(await isAccepted(before)).to.equal(true);
  });
});
