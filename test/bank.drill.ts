import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Branch, openBranch } from './bank/branch.ts';
import { type Visitor, visit } from './bank/visitor.ts';
import { expectPresentable } from './pages/look.ts';

let people = 0;

describe('the bank, in a real browser', function () {
  this.timeout(60_000);
  let branch: Branch | undefined;
  let visitors: Visitor[];

  before(async () => {
    const root = new URL('../', import.meta.url);
    const vite = fileURLToPath(new URL('node_modules/vite/bin/vite.js', root));
    const page = fileURLToPath(new URL('examples/bank/page', root));
    const [opened] = await Promise.all([openBranch(), promisify(execFile)(process.execPath, [vite, 'build', page])]);
    branch = opened;
  });
  after(() => branch?.close());

  beforeEach(() => {
    visitors = [];
  });
  afterEach(async () => {
    for (const visitor of visitors) await visitor.close();
    for (const visitor of visitors) expect(visitor.complaints()).to.deep.equal([]);
  });

  /** Somebody new, with an account. */
  async function createVisitor(
    name: string,
    options?: Parameters<typeof visit>[1],
  ): Promise<Visitor & { email: string }> {
    const [visitor, email] = [await visit(branch!.bank.url, options), `visitor${++people}@example.test`];
    visitors.push(visitor);
    await visitor.openAccount(name, email);
    return { ...visitor, email };
  }

  it('moves money between two users, and shows it to both at once', async () => {
    const [ann, bob] = [await createVisitor('Ann'), await createVisitor('Bob')];
    await ann.sees('balance', '€1,000.00');
    await bob.sees('balance', '€1,000.00');
    await ann.page.getByRole('button', { name: `Pay Bob, account ${await bob.number()}` }).click();
    await ann.at('amount').fill('12,50');
    await ann.at('amount').press('Enter');
    await ann.sees('balance', '€987.50');
    await ann.sees('news', 'You sent €12.50 to Bob.');
    await bob.sees('balance', '€1,012.50');
    await bob.sees('news', 'Ann sent you €12.50.');
    await bob.sees('bookings', new RegExp(`Ann · ${await ann.number()}.*\\+€12\\.50.*Opening deposit.*\\+€1,000\\.00`));
    await bob.transfer(await ann.number(), '1012.50');
    await bob.sees('balance', '€0.00');
    await ann.sees('balance', '€2,000.00');
    await ann.page.reload();
    await ann.sees('balance', '€2,000.00');
    expect(await ann.at('bookings').locator('li').count()).to.equal(3);
  });

  it('shows who is online, with every change', async () => {
    const [cid, dot] = [await createVisitor('Cid'), await createVisitor('Dot')];
    await cid.sees('online', 'Dot');
    await dot.sees('online', 'Cid');
    const second = await dot.newTab();
    await second.locator('#online').filter({ hasText: 'Cid' }).waitFor();
    await dot.page.close();
    await cid.sees('online', 'Dot');
    await second.close();
    await cid.at('online').filter({ hasNotText: 'Dot' }).waitFor({ state: 'attached' });
    const back = await dot.newTab();
    await cid.sees('online', 'Dot');
    await back.locator('#leave').click();
    await back.locator('#entry-notice').filter({ hasText: 'You are signed out.' }).waitFor();
    await cid.at('online').filter({ hasNotText: 'Dot' }).waitFor({ state: 'attached' });
  });

  it('shows an error beside its field, and moves no money', async () => {
    const [eve, fay] = [await createVisitor('Eve'), await createVisitor('Fay')];
    const there = await fay.number();
    for (const [to, amount, field, sentence] of [
      ['', '1', 'to', 'Enter the number of an account.'],
      ['Fay', '1', 'to', 'An account has a number, such as 1001.'],
      ['1', '1', 'to', 'There is no account with this number.'],
      [await eve.number(), '1', 'to', 'This is your own account.'],
      [there, '0', 'amount', 'Enter an amount, such as 12.50.'],
      [there, '1.234', 'amount', 'Enter an amount, such as 12.50.'],
      [there, '1000.01', 'amount', 'There is not enough money in your account.'],
    ] as const) {
      await eve.transfer(to, amount);
      await eve.sees(`${field}-error`, sentence);
      expect(await eve.at(field).getAttribute('aria-invalid')).to.equal('true');
      expect(await eve.page.evaluate(() => document.activeElement?.id)).to.equal(field);
    }
    await eve.transfer(there, '1000');
    await eve.sees('balance', '€0.00');
    await fay.sees('balance', '€2,000.00');
  });

  it('sends a transfer once when the button is pressed repeatedly', async () => {
    const [gus, hal] = [await createVisitor('Gus'), await createVisitor('Hal')];
    await gus.at('to').fill(await hal.number());
    await gus.at('amount').fill('10');
    const button = gus.at('transfer-form').getByRole('button');
    await button.evaluate((node: HTMLButtonElement) => {
      for (let press = 0; press < 5; press += 1) node.click();
    });
    await hal.sees('balance', '€1,010.00');
    await gus.at('amount').fill('1');
    await gus.at('to').fill(await hal.number());
    await button.dblclick();
    await hal.sees('balance', '€1,011.00');
    expect(await gus.at('bookings').locator('li').count()).to.equal(3);
  });

  it('shows the account again at the next sign-in, and not to the next user', async () => {
    const [ivy, joe] = [await createVisitor('Ivy'), await createVisitor('Joe')];
    const number = await ivy.number();
    await ivy.transfer(await joe.number(), '5');
    await ivy.sees('balance', '€995.00');
    await ivy.at('leave').click();
    await ivy.at('entry').waitFor();
    await ivy.openAccount('Kim', `visitor${++people}@example.test`);
    await ivy.sees('balance', '€1,000.00');
    expect(await ivy.number()).to.not.equal(number);
    expect(await ivy.at('bookings').locator('li').count()).to.equal(1);
    await ivy.at('leave').click();
    await ivy.at('email').waitFor();
    await ivy.signIn(ivy.email);
    await ivy.sees('balance', '€995.00');
    expect(await ivy.number()).to.equal(number);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 1100])
      it(`is accessible and fits, ${colorScheme}, ${width} px wide`, async () => {
        const options = { colorScheme, viewport: { width, height: 800 } };
        const visitor = await visit(branch!.bank.url, options);
        visitors.push(visitor);
        await visitor.at('entry-form').getByRole('button').click();
        await visitor.sees('email-error', 'Enter your email address.');
        await expectPresentable('sign in', visitor);
        await visitor.openAccount('Somebody with a rather long name indeed', `visitor${++people}@example.test`);
        const other = await createVisitor('Averylongnamewithoutanyplacetobreakitintotwohalves');
        await visitor.sees('online', 'Averylong');
        await visitor.transfer(await other.number(), '999999.99');
        await visitor.sees('amount-error', 'There is not enough money');
        await other.transfer(await visitor.number(), '999.99');
        await visitor.sees('balance', '€1,999.99');
        await expectPresentable('account', visitor);
      });
});
