import { expect } from 'chai';
import { createSignInMemory } from '../../src/sign-in/sign-in-memory.ts';
import { createStorage } from '../storage.ts';

describe('createSignInMemory', () => {
  const storages = { local: createStorage(), tab: createStorage() };
  const memory = createSignInMemory(() => storages);

  it('keeps the last way of each tenant', () => {
    expect(memory.lastWay('shop')).to.equal(undefined);
    memory.saveWay('shop', 'mail');
    memory.saveWay(undefined, 'password');
    expect([memory.lastWay('shop'), memory.lastWay(undefined)]).to.deep.equal(['mail', 'password']);
  });

  it('ignores a way that it does not know', () => {
    storages.local.setItem('latchkey:sign-in:way:shop', 'passkey');
    expect(memory.lastWay('shop')).to.equal(undefined);
  });

  it('hands an address over once', () => {
    memory.carryAddress('ann@example.com');
    expect([memory.takeAddress(), memory.takeAddress()]).to.deep.equal(['ann@example.com', undefined]);
  });

  it('remembers nothing without a storage', () => {
    const forbidden = createSignInMemory(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    forbidden.saveWay('shop', 'mail');
    forbidden.carryAddress('ann@example.com');
    expect([forbidden.lastWay('shop'), forbidden.takeAddress()]).to.deep.equal([undefined, undefined]);
  });
});
