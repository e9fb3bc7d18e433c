import { pagePaths } from '@latchkey/contract';
import { expect } from 'chai';
import { expectPresentable } from './pages/look.ts';
import { openSite, type Site } from './pages/site.ts';

describe('the reference page', function () {
  this.timeout(120_000);
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => site.close());

  for (const [colorScheme, width] of [
    ['light', 1_100],
    ['dark', 360],
  ] as const)
    it(`shows operations and events under the policy of the pages, ${colorScheme}, ${width} px wide`, async () => {
      const visitor = await site.visit({ colorScheme, viewport: { width, height: 740 } });
      const { page } = await visitor.open(pagePaths.reference);
      await page.getByText('Ends one session of the caller').click();
      await page.getByText('proof_required').first().waitFor();
      await page.locator('details[open] summary', { hasText: 'EndedSessions' }).click();
      await page.getByText('ended', { exact: true }).waitFor();
      await expectPresentable('an operation', { page });
      await page.getByRole('searchbox').fill('client presence_list');
      await page.getByText('Asks for a page of the sessions with sockets').click();
      await page.getByRole('heading', { name: 'Acknowledgement' }).waitFor();
      expect(await page.locator('details.endpoint').count()).equal(1);
      await expectPresentable('an event', { page });
      expect(visitor.complaints()).eql([]);
      await visitor.close();
    });

  it('opens the operation that its address names', async () => {
    const visitor = await site.visit();
    const { page } = await visitor.open(`${pagePaths.reference}#${encodeURIComponent('GET /sessions')}`);
    await page.getByText('SessionsResponse').waitFor();
    expect(await page.locator('details.endpoint[open]').count()).equal(1);
    await visitor.close();
  });
});
