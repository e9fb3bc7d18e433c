import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createSystemClock } from '../../src/base/clock.ts';
import { createBackendFlows } from '../../src/flow/flows.ts';
import { createHooks } from '../../src/hook/hooks.ts';
import { onEachDatabase } from '../databases.ts';
import { type House, openHouse } from '../flow/house.ts';
import { type BackendStage, openBackendStage } from './backend-stage.ts';

onEachDatabase('signing keys at a backend', (database) => {
  let house: House;
  let stage: BackendStage;
  let latchkey: Latchkey;

  beforeEach(async () => {
    house = await openHouse(database());
    const { rooms, config } = house;
    const { db } = database();
    const clock = createSystemClock();
    const onError = (error: unknown) => void house.errors.push(error);
    const hooks = createHooks({}, { clock, onFailure: () => {} });
    const presence = { start: async () => {}, renew: async () => {}, stop: async () => {}, leave: async () => {} };
    const deps = {
      flows: createBackendFlows({
        ...rooms,
        db,
        clock,
        config,
        hooks,
        causes: house.causes,
        log: house.needs.log,
        onError,
      }),
      feed: rooms.feed,
      presenceOf: () => presence as never,
      kids: () =>
        rooms.keys
          .jwks()
          .keys.map(({ kid }) => kid)
          .join(' '),
    };
    stage = await openBackendStage(deps, rooms.keys.jwks);
    const { backend, secret } = await rooms.backends.create(db, { name: 'App' });
    latchkey = createLatchkey({
      ...{ url: stage.url, backendId: backend.id, backendSecret: secret },
      ...{ issuer: config.issuer, audience: config.audience },
    });
    await latchkey.ready();
  });
  afterEach(async () => {
    latchkey.close();
    await stage.stop();
    await house.stop();
  });

  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid as string;
  const isAccepted = (token: string) =>
    latchkey.verify(token).then(
      () => true,
      () => false,
    );

  it('are read again when the service requests it: a token of a new key is accepted', async () => {
    const { keys } = house.rooms;
    const before = (await house.enter()).grant.accessToken;
    expect(await isAccepted(before)).to.equal(true);
    const published = keys.jwks().keys.map(({ kid }) => kid);
    // The next key was published all along; only the one after it is news.
    for (const _ of [1, 2]) expect(await keys.rotate(database().db)).to.have.property('rotated', true);
    const after = (await house.enter()).grant.accessToken;
    expect(published).to.include(kidOf(before)).and.not.to.include(kidOf(after));
    // By itself the backend would not fetch again for 10 s.
    await waitFor(() => isAccepted(after));
    expect(await isAccepted(before)).to.equal(true);
  });
});
