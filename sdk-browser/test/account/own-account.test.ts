import type { CurrentUser } from '@latchkey/contract';
import { expect } from 'chai';
import { createOwnAccount } from '../../src/account/own-account.ts';

/** An account whose requests wait for an answer, which is an address. */
function setUp() {
  const waiting: ((email: string) => void)[] = [];
  const send = <Answer>() => new Promise<Answer>((resolve) => waiting.push((email) => resolve({ email } as Answer)));
  const { methods: account } = createOwnAccount({ send, prepareEnd: () => () => {}, renewUser: () => {} });
  const published: (string | null)[] = [];
  account.subscribe(({ email }: CurrentUser) => published.push(email));
  return { account, published, answer: (request: number, email: string) => waiting[request]?.(email) };
}

describe('createOwnAccount', () => {
  it('does not publish a profile that a later request has overtaken', async () => {
    const { account, published, answer } = setUp();
    const [first, second] = [account.profile(), account.profile()];
    answer(1, 'new@example.com');
    await second;
    answer(0, 'old@example.com');
    expect((await first).email).to.equal('old@example.com');
    expect(published).to.deep.equal(['new@example.com']);
  });

  it('publishes a change, and no profile that was requested before it', async () => {
    const { account, published, answer } = setUp();
    const [read, change] = [account.profile(), account.update({ name: 'Ada' })];
    answer(1, 'new@example.com');
    await change;
    answer(0, 'old@example.com');
    await read;
    expect(published).to.deep.equal(['new@example.com']);
  });
});
