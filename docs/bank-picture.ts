import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { openBranch } from '../test/bank/branch.ts';
import { type Visitor, visit } from '../test/bank/visitor.ts';
import { newProfile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';

// Writes docs/images/bank.webp: examples/bank in the browsers of two users, as a moving picture. `npm run docs:bank`.

const viewport = { width: 430, height: 820 };
const target = 'docs/images/bank.webp';

/** A picture of both browsers, and how long it is shown. */
interface Frame {
  readonly image: Buffer;
  readonly ms: number;
}

/** A page that shows both pictures side by side, each under the name of its user. */
function sheet(pictures: Readonly<Record<string, Buffer>>): string {
  const windows = Object.entries(pictures).map(
    ([name, picture]) =>
      `<figure><figcaption>${name}</figcaption><img alt="" src="data:image/png;base64,${picture.toString('base64')}"></figure>`,
  );
  return `<style>
    body { margin: 0; padding: 16px; display: flex; gap: 16px; background: #d9dde5; font: 600 15px system-ui, sans-serif; }
    figure { margin: 0; border-radius: 10px; overflow: hidden; background: #1b1f29; color: #fff; }
    figcaption { padding: 8px 14px; }
    img { display: block; width: ${viewport.width}px; }
  </style>${windows.join('')}`;
}

/** The top of the page. Filling a form may have scrolled it. */
async function photograph({ page }: Visitor): Promise<Buffer> {
  await page.evaluate(() => scrollTo(0, 0));
  return page.screenshot({ animations: 'disabled', caret: 'hide' });
}

function createCamera(page: Page, ann: Visitor, bob: Visitor) {
  const frames: Frame[] = [];
  return {
    frames,
    async shoot(ms: number): Promise<void> {
      await page.setContent(sheet({ 'Ann’s browser': await photograph(ann), 'Bob’s browser': await photograph(bob) }));
      frames.push({ image: await page.screenshot({ fullPage: true }), ms });
    },
  };
}

/** A transfer, one back, and a log-out. Each change reaches the other browser without a reload. */
async function play(ann: Visitor, bob: Visitor, shoot: (ms: number) => Promise<void>): Promise<void> {
  await ann.sees('online', 'Bob');
  await bob.sees('online', 'Ann');
  await shoot(1_800);
  await ann.page.getByRole('button', { name: `Pay Bob, account ${await bob.number()}` }).click();
  await shoot(900);
  await ann.at('amount').fill('25.00');
  await shoot(900);
  await ann.at('amount').press('Enter');
  await bob.sees('balance', '€1,025.00');
  await ann.sees('balance', '€975.00');
  await shoot(2_400);
  await bob.transfer(await ann.number(), '5.00');
  await ann.sees('balance', '€980.00');
  await bob.sees('balance', '€1,020.00');
  await shoot(2_400);
  await ann.at('leave').click();
  await ann.at('entry').waitFor();
  await bob.at('online').filter({ hasNotText: 'Ann' }).waitFor({ state: 'attached' });
  await shoot(2_400);
}

async function write(frames: readonly Frame[]): Promise<void> {
  await sharp(
    frames.map(({ image }) => image),
    { join: { animated: true } },
  )
    .webp({ loop: 0, delay: frames.map(({ ms }) => ms), quality: 80, effort: 6 })
    .toFile(target);
}

const branch = await openBranch();
try {
  const [ann, bob] = [await visit(branch.bank.url, { viewport }), await visit(branch.bank.url, { viewport })];
  await ann.openAccount('Ann', 'ann@example.com');
  await bob.openAccount('Bob', 'bob@example.com');
  const desk = await newProfile(await sharedBrowser.get(), { viewport: { width: 908, height: 880 } });
  const { frames, shoot } = createCamera(await desk.newPage(), ann, bob);
  await play(ann, bob, shoot);
  await write(frames);
} finally {
  await branch.close();
  await sharedBrowser.close();
}
