import type { CurrentUser } from '@latchkey/contract';
import { expect } from 'chai';
import { createOwnAccount } from '../../src/account/own-account.ts';

describe('createOwnAccount', () => {
  it('does not publish a profile that a later request has overtaken', async () => {
    const waiting: ((email: string) => void)[] = [];
    const send = <Answer>() => new Promise<Answer>((resolve) => waiting.push((email) => resolve({ email } as Answer)));
    const { methods } = createOwnAccount({ send, prepareEnd: () => () => {} });
    const seen: (string | null)[] = [];
    methods.subscribe(({ email }: CurrentUser) => seen.push(email));
    const [first, second] = [methods.profile(), methods.profile()];
    waiting[1]?.('new@example.com');
    await second;
    waiting[0]?.('old@example.com');
    expect((await first).email).to.equal('old@example.com');
    expect(seen).to.deep.equal(['new@example.com']);
  });
});
