import { expect } from 'chai';
import { createTicket, createTickets } from '../../src/mail/tickets.ts';
import { createStorage } from '../storage.ts';

const asked = { ticket: 't', email: 'ada@example.com', tenant: 'blue', app: undefined, until: 2_000 };

describe('createTickets', () => {
  let local: Storage;
  let tab: Storage;
  let now: number;
  const open = () =>
    createTickets(
      () => ({ local, tab }),
      () => now,
    );
  beforeEach(() => {
    [local, tab, now] = [createStorage(), createStorage(), 1_000];
  });

  it('keeps the newest of each purpose until it expires', () => {
    const tickets = open();
    tickets.save('verify_email', asked);
    tickets.save('verify_email', { ...asked, ticket: 'u' });
    expect(open().find('verify_email')).to.deep.equal({ ...asked, ticket: 'u' });
    expect(tickets.find('sign_in')).to.equal(undefined);
    now = 2_000;
    expect(tickets.find('verify_email')).to.equal(undefined);
    expect(local.length).to.equal(0);
  });

  it('keeps a ticket that resets a password in the tab', () => {
    open().save('reset_password', asked);
    expect([local.length, tab.length]).to.deep.equal([0, 1]);
    open().remove('reset_password');
    expect(tab.length).to.equal(0);
  });

  it('ignores what is no ticket, and removes it', () => {
    for (const text of ['', '{', 'null', '1', '{"ticket":1,"email":"a","until":9000}', '{"ticket":"t","email":"a"}']) {
      local.setItem('latchkey:mail:sign_in', text);
      expect(open().find('sign_in'), text).to.equal(undefined);
      expect(local.length, text).to.equal(0);
    }
  });

  it('finds nothing where the browser forbids storage', () => {
    const tickets = createTickets(() => {
      throw new Error('forbidden');
    });
    tickets.save('sign_in', asked);
    tickets.remove('sign_in');
    expect(tickets.find('sign_in')).to.equal(undefined);
  });
});

describe('createTicket', () => {
  it('makes 32 random bytes as base64url', () => {
    const made = Array.from({ length: 50 }, createTicket);
    for (const ticket of made) expect(Buffer.from(ticket, 'base64url').toString('base64url')).to.equal(ticket);
    expect(made.every((ticket) => ticket.length === 43)).to.equal(true);
    expect(new Set(made)).to.have.length(50);
  });
});
