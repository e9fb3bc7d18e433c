import { expect } from 'chai';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';
import { decodeToken, type StoredToken } from '../../src/tokens/token.ts';
import { createTokenStore, type TokenStore } from '../../src/tokens/token-store.ts';
import { tokenOf } from '../harness/verdicts.ts';
import { createLaggingStorage, createWorld } from '../harness/virtual-world.ts';

const held = (sid: string, gen: number) => decodeToken(tokenOf({ sid, gen, tag: 'A' })) as StoredToken;

describe('createTokenStore in a tab that receives an end before its storage has the new session', () => {
  const lagMs = 20;
  const later = (forget: (late: TokenStore) => void) => {
    const world = createWorld();
    const shared = createMemoryStorage();
    const tab = () => createTokenStore(createStorageAdapter(createLaggingStorage(shared, world, lagMs), 'p:'));
    const [taking, late] = [tab(), tab()];
    taking.store(held('s1', 1), { fresh: true });
    world.run();
    taking.store(held('s2', 1), { fresh: true });
    world.at(lagMs / 2, () => forget(late));
    world.run();
    return { world, taking, late, shared };
  };

  for (const [how, forget] of [
    ['erases', (late: TokenStore) => late.erase('s1', 'logout')],
    ['sets aside', (late: TokenStore) => late.quarantine('s1', 'token_reused')],
  ] as const) {
    it(`${how} the new token, which the tab that has it restores`, () => {
      const { world, taking, late } = later(forget);
      expect(late.read()).to.equal(undefined);
      expect(taking.read()).to.deep.equal(held('s2', 1));
      world.run();
      expect(late.read()).to.deep.equal(held('s2', 1));
    });
  }

  it('restores no session that ended, or that was removed from the storage by other code', () => {
    const { taking, late, shared, world } = later(() => {});
    late.erase('s2', 'logout');
    world.run();
    expect(taking.read()).to.equal(undefined);
    taking.store(held('s3', 1), { fresh: true });
    world.run();
    shared.removeItem('p:token');
    expect(taking.read()).to.equal(undefined);
  });
});
