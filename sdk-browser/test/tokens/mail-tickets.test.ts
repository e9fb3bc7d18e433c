import { expect } from 'chai';
import { createMailTickets } from '../../src/tokens/mail-tickets.ts';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';

const ada = { ticket: 't1', email: 'ada@example.com' };

describe('createMailTickets', () => {
  const prefix = 'latchkey:id.example.com:';
  const setUp = () => {
    const storage = createMemoryStorage();
    const clock = { now: 1_000 };
    const tickets = createMailTickets(createStorageAdapter(storage, prefix), () => clock.now);
    return { storage, clock, tickets };
  };

  it('keeps one ticket of each purpose until it expires', () => {
    const { storage, clock, tickets } = setUp();
    tickets.save('verify_email', { ...ada, scope: 'a b', tenant: 'shop' }, 60);
    tickets.save('sign_in', { ...ada, ticket: 't2' }, 30);
    expect(tickets.find('verify_email')).to.deep.equal({ ...ada, scope: 'a b', tenant: 'shop', until: 61_000 });
    clock.now = 31_000;
    expect([tickets.find('verify_email')?.ticket, tickets.find('sign_in')]).to.deep.equal(['t1', undefined]);
    expect(storage.length, 'the expired one is removed').to.equal(1);
    expect(tickets.find('reset_password')).to.equal(undefined);
  });

  it('removes a ticket that was used, but no newer one of another tab', () => {
    const { tickets } = setUp();
    tickets.save('sign_in', ada, 60);
    tickets.save('sign_in', { ...ada, ticket: 't2' }, 60);
    tickets.remove('sign_in', 't1');
    expect(tickets.find('sign_in')?.ticket).to.equal('t2');
    tickets.remove('sign_in', 't2');
    expect(tickets.find('sign_in')).to.equal(undefined);
  });

  for (const text of ['', 'null', '{', '[]', '{"ticket":1,"email":"a","until":9e9}', '{"ticket":"t","email":"a"}'])
    it(`removes text that is no ticket: ${text || 'an empty one'}`, () => {
      const { storage, tickets } = setUp();
      storage.setItem(`${prefix}mail:sign_in`, text);
      expect(tickets.find('sign_in')).to.equal(undefined);
      expect(storage.length).to.equal(0);
    });
});
