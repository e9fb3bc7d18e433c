import { expect } from 'chai';
import type { Locator } from 'playwright-core';
import { newProfile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { command, query } from './admin/signed-in-user.ts';
import { goTo, measureSignOut, press, rowOf, sectionTitles } from './console/console-tab.ts';
import { expectFits, expectForcedColours, expectPresentable } from './pages/look.ts';
import { buildPages } from './pages/site.ts';
import { createVisitor, type Tab, type Visitor } from './pages/visitor.ts';

const password = 'violet anchor rain';
const longName = 'a.rather.long.address.of.a.user.with.many.names+1280@a-rather-long-domain-name.example.com';
const longTenant = 'a-tenant-whose-identifier-has-as-many-as-sixty-three-characters';

/** A colour of the style sheet as it is shown: a variable, or a colour of the system. */
const resolveColour = (chart: Locator, colour: string) =>
  chart.evaluate((node, value) => {
    const probe = node.appendChild(document.createElement('span'));
    probe.style.setProperty('forced-color-adjust', 'none');
    probe.style.color = value;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }, colour);

/** Whether some pixel of the chart has the colour. */
const hasColour = async (chart: Locator, colour: string) =>
  chart.evaluate(
    (node, [red, green, blue]) => {
      const canvas = node.querySelector('canvas')!;
      const bytes = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
      for (let at = 0; at < bytes.length; at += 4)
        if (bytes[at] === red && bytes[at + 1] === green && bytes[at + 2] === blue) return true;
      return false;
    },
    (await resolveColour(chart, colour)).match(/\d+/g)!.map(Number),
  );

const legendColour = (chart: Locator) =>
  chart.evaluate((node) => {
    const [label] = node.parentElement!.querySelectorAll('.legend span');
    return getComputedStyle(label!, '::before').backgroundColor;
  });

describe('the console of a cluster, in a real browser', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let here: ServiceProcess;
  let there: ServiceProcess;
  let consoleTab: Tab;
  const visitors: Visitor[] = [];

  before(async () => {
    [cluster] = await Promise.all([createCluster(), buildPages()]);
    [here, there] = await Promise.all([cluster.start(), cluster.start()]);
    consoleTab = await visit(here.url, 'olga@example.com');
    expect((await command(cluster.env, 'operator', 'add', 'olga@example.com')).code).to.equal(0);
    consoleTab.page.setDefaultTimeout(8_000);
    // Without transitions, because a colour between two themes is none of the style sheet.
    await consoleTab.page.emulateMedia({ reducedMotion: 'reduce' });
    await consoleTab.page.goto(`${here.url}/console`);
    await consoleTab.page.getByText('Live: this page').waitFor();
  });
  after(async () => {
    for (const visitor of visitors) await visitor.close();
    await cluster?.stop();
  });
  afterEach(() => {
    for (const visitor of visitors) expect(visitor.complaints()).to.deep.equal([]);
  });

  const sql = (text: string) => query(cluster.databaseUrl, text);
  const visit = async (url: string, email: string): Promise<Tab> => {
    const visitor = createVisitor(await newProfile(await sharedBrowser.get()), url);
    visitors.push(visitor);
    const tab = await visitor.open('/signup');
    await tab.signUp(email, password);
    await tab.live();
    return tab;
  };
  /** Inserts users named `name`1, `name`2, … with a session each, without a tab, the first one made last. */
  const insertUsers = (name: string, count: number, tenant = 'default') =>
    sql(`WITH u AS (INSERT INTO users (id, tenant_id, email, email_key, created_at)
        SELECT gen_random_uuid(), '${tenant}', e, e, now() - i * interval '1 minute'
        FROM (SELECT i, '${name}' || i || '@example.org' AS e FROM generate_series(1, ${count}) i) n RETURNING *)
      INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, expires_at, auth_time, amr, user_agent, address_prefix,
        created_at, last_active_at)
      SELECT gen_random_uuid(), id, tenant_id, 7, decode(repeat('00', 16), 'hex'), now(), now() + interval '9 hours', 0,
        '{pwd}', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '192.0.2.0/24', created_at, now()
      FROM u`);

  it('shows users of another node, and signs out their tabs in less than a second', async () => {
    await goTo(consoleTab, 'Sessions');
    await rowOf(consoleTab, 'olga@example.com').waitFor();
    const tab = await visit(there.url, 'pia@example.com');
    await rowOf(consoleTab, 'pia@example.com').waitFor({ timeout: 4_000 });
    const { ms, notice } = await measureSignOut(tab, () => press(consoleTab, 'pia@example.com', /^End: /));
    expect(notice).to.equal('Your session was ended by an operator.');
    expect(ms).to.be.below(1_000);
    await rowOf(consoleTab, 'pia@example.com').waitFor({ state: 'detached', timeout: 4_000 });
  });

  it('shows the live sessions of each minute as a chart, a summary and a table', async () => {
    await sql(`INSERT INTO traffic (minute, rotations, logins, sessions) SELECT date_trunc('minute', now()) - i * interval '1 minute',
        i, 1, CASE WHEN i BETWEEN 20 AND 25 THEN NULL ELSE 1000 + i END FROM generate_series(3, 50) i`);
    await goTo(consoleTab, 'Overview');
    const chart = consoleTab.page.getByRole('img', { name: 'Live sessions in the last hour' });
    await consoleTab.page.getByText('Live sessions in the last hour: between 1 and 1,050, now 1.').waitFor();
    await chart.locator('canvas').waitFor();
    expect(await hasColour(chart, 'var(--accent)'), 'a line in the colour of the pages').to.equal(true);
    await consoleTab.page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    await waitFor(() => hasColour(chart, 'LinkText'));
    expect(await legendColour(chart), 'the legend has the colour of the series').to.equal(
      await resolveColour(chart, 'LinkText'),
    );
    await expectForcedColours('overview', consoleTab);
    await consoleTab.page.emulateMedia({ forcedColors: 'none', reducedMotion: 'reduce' });
    await consoleTab.page.getByText('As a table').click();
    const cells = await consoleTab.page.locator('tbody tr:has-text("not counted")').count();
    // Six without a number, ten before, two behind; the minute may turn meanwhile.
    expect(cells).to.be.within(17, 18);
    await consoleTab.page.getByRole('row', { name: /1,003 3 1$/ }).waitFor();
  });

  it('shows the details of a session, and keeps them open during updates', async () => {
    await goTo(consoleTab, 'Sessions');
    const row = rowOf(consoleTab, 'olga@example.com');
    await row.getByText('Details').click();
    const [olga] = await query<{ sid: string }>(
      cluster.databaseUrl,
      `SELECT sid FROM sessions JOIN users u ON u.id = uid WHERE u.email = 'olga@example.com'`,
    );
    await row.getByText('1 tab at node').waitFor();
    await row
      .locator('dd')
      .first()
      .evaluate((node) => getSelection()?.selectAllChildren(node));
    await visit(there.url, 'quinn@example.com');
    await rowOf(consoleTab, 'quinn@example.com').waitFor();
    expect(await consoleTab.page.evaluate(() => String(getSelection()))).to.equal(olga?.sid);
  });

  it('requires the password again after twelve hours, and returns to the same view', async () => {
    const tab = await visit(here.url, 'ruth@example.com');
    expect((await command(cluster.env, 'operator', 'add', 'ruth@example.com')).code).to.equal(0);
    await sql(`UPDATE sessions SET auth_time = auth_time - 13 * 3600
      WHERE uid = (SELECT id FROM users WHERE email = 'ruth@example.com')`);
    await tab.page.goto(`${here.url}/console`);
    await tab.page.getByRole('button', { name: 'Log out and sign in again' }).click();
    expect(await tab.notice()).to.equal('You are signed out.');
    await tab.signIn('ruth@example.com', password);
    await tab.page.getByText('Live: this page').waitFor();
    expect(new URL(tab.page.url()).pathname).to.equal('/console');
    // The nodes get no notice: the next answer ends the console.
    await sql(`UPDATE users SET operator = false WHERE email = 'ruth@example.com'`);
    await tab.at('refused').waitFor({ timeout: 8_000 });
  });

  it('marks the current section also in forced colors', async () => {
    await goTo(consoleTab, 'Users');
    await consoleTab.page.emulateMedia({ forcedColors: 'active' });
    const lineOf = (part: string) =>
      consoleTab.page
        .getByRole('link', { name: part, exact: true })
        .evaluate((link) => getComputedStyle(link).borderBottomColor);
    expect(await lineOf('Users')).to.not.equal(await lineOf('Keys'));
    expect(await lineOf('Audit')).to.equal(await lineOf('Keys'));
    await consoleTab.page.emulateMedia({ forcedColors: 'none' });
  });

  describe('for all users', () => {
    const views: Record<string, () => Promise<unknown>> = {
      ...Object.fromEntries(sectionTitles.map((part) => [part, () => goTo(consoleTab, part)])),
      'Overview, as a table': () =>
        goTo(consoleTab, 'Overview').then(() => consoleTab.page.getByText('As a table').click()),
      'a question': () => goTo(consoleTab, 'Sessions').then(() => consoleTab.at('end').first().click()),
      'nothing found': async () => {
        await goTo(consoleTab, 'Sessions');
        await consoleTab.page.getByLabel('Address begins with').fill('unknown');
        await consoleTab.page.getByRole('button', { name: 'Search' }).click();
        await consoleTab.page.getByText('No matching sessions.').waitFor();
      },
      'sessions of one user': () =>
        goTo(consoleTab, 'Users').then(() =>
          rowOf(consoleTab, longName)
            .getByRole('link', { name: /^Sessions/ })
            .click(),
        ),
      'details of a session': () =>
        goTo(consoleTab, 'Sessions').then(() => rowOf(consoleTab, 'olga@example.com').getByText('Details').click()),
      'the form of a tenant': () =>
        goTo(consoleTab, 'Tenants').then(() =>
          rowOf(consoleTab, longTenant)
            .getByRole('button', { name: /^Change/ })
            .click(),
        ),
      'the form of a backend': async () => {
        await goTo(consoleTab, 'Backends');
        await consoleTab.page.getByRole('button', { name: 'Add a backend' }).click();
        await consoleTab.page.getByRole('button', { name: 'Add', exact: true }).click();
        await consoleTab.page.getByText('Enter a name.').waitFor();
      },
      'a secret': async () => {
        await goTo(consoleTab, 'Backends');
        await press(consoleTab, 'App', /^Replace/);
        await consoleTab.at('secret').waitFor();
      },
    };

    before(async () => {
      await sql(`INSERT INTO tenants (id, name) VALUES ('${longTenant}', 'A tenant with a long name that is wider than narrow screens'),
        ('right', 'شركة الاختبار')`);
      await insertUsers('another', 3, 'right');
      await sql(`INSERT INTO users (id, tenant_id, email, email_key, operator, disabled_at) VALUES (gen_random_uuid(), '${longTenant}',
        '${longName}', '${longName}', true, now())`);
      await cluster.makeBackend(
        '--origins',
        'https://a-long-name-of-a-subdomain-of-the-shop.example.com,https://shop.example.com',
      );
    });
    afterEach(async () => {
      if (await consoleTab.at('kept').isVisible()) await consoleTab.at('kept').click();
      else await consoleTab.page.keyboard.press('Escape');
      await consoleTab.page.locator('dialog').waitFor({ state: 'detached' });
    });

    it('links from a tenant to its sessions and users', async () => {
      for (const part of ['Sessions', 'Users']) {
        await goTo(consoleTab, 'Tenants');
        await rowOf(consoleTab, longTenant).waitFor();
        await rowOf(consoleTab, 'id right')
          .getByRole('link', { name: new RegExp(`^${part}`) })
          .click();
        await rowOf(consoleTab, 'another3@example.org').waitFor();
        expect(await consoleTab.at('row').count()).to.equal(3);
        expect(await consoleTab.page.getByLabel('Tenant').inputValue()).to.equal('right');
      }
    });

    for (const [name, open] of Object.entries(views))
      it(`is accessible and fits, light and dark, narrow and wide: ${name}`, async () => {
        await open();
        await consoleTab.page.locator('[data-testid=row], [data-testid=users], .hint:not([hidden])').first().waitFor();
        for (const colorScheme of ['light', 'dark'] as const) {
          await consoleTab.page.emulateMedia({ colorScheme });
          await consoleTab.page.setViewportSize({ width: 1280, height: 740 });
          await expectFits(name, consoleTab);
          await consoleTab.page.setViewportSize({ width: 360, height: 740 });
          await expectPresentable(`${name}, ${colorScheme}`, consoleTab);
        }
      });
  });

  describe('with more than one page', () => {
    let rosa: Tab;
    const page = (number: number) =>
      consoleTab
        .at('page')
        .filter({ hasText: new RegExp(`^Page ${number}$`) })
        .waitFor();
    const next = () => consoleTab.at('next-page').click();
    /** The list is read again. */
    const news = () => consoleTab.page.waitForResponse(/admin\/sessions\?/);
    const hasNext = async () => (await consoleTab.at('next-page').getAttribute('aria-disabled')) === 'false';

    before(async () => {
      await sql(`DELETE FROM sessions WHERE tenant_id <> 'default'`);
      await insertUsers('page', 120);
      await goTo(consoleTab, 'Sessions');
    });

    it('turns to the next and the previous page, up to the last one', async () => {
      await page(1);
      expect(await consoleTab.at('row').count()).to.equal(50);
      await next();
      await page(2);
      await rowOf(consoleTab, 'page60@example.org').waitFor();
      await consoleTab.page.locator('[data-testid=page]:focus').waitFor();
      expect(await consoleTab.at('row').count()).to.equal(50);
      await next();
      await page(3);
      await rowOf(consoleTab, 'page120@example.org').waitFor();
      expect(await hasNext()).to.equal(false);
      await consoleTab.page.getByRole('button', { name: 'Back' }).click();
      await page(2);
      expect(await hasNext()).to.equal(true);
    });

    it('stays on the current page while sessions are opened', async () => {
      rosa = await visit(there.url, 'rosa@example.com');
      await news();
      await page(2);
      expect(await rowOf(consoleTab, 'page60@example.org').count()).to.equal(1);
    });

    it('opens the selected page although updates arrive meanwhile', async () => {
      const asked: string[] = [];
      await consoleTab.page.route(/admin\/sessions\?/, async (route) => {
        asked.push(route.request().url());
        // The first answer comes after a second question.
        if (asked.length === 1) await new Promise((resolve) => setTimeout(resolve, 6_000));
        await route.continue().catch(() => {});
      });
      await next();
      await rosa.page.reload();
      await page(3);
      await consoleTab.page.unroute(/admin\/sessions\?/);
      expect(new Set(asked).size, asked.join()).to.equal(1);
    });

    it('ends a session on a later page, and shows the first page when a page became empty', async () => {
      await press(consoleTab, 'page115@example.org', /^End: /);
      await rowOf(consoleTab, 'page115@example.org').waitFor({ state: 'detached' });
      await page(3);
      await sql(`UPDATE sessions SET revoked_at = now(), revoke_reason = 'ended_by_operator'
        WHERE created_at < now() - interval '20 minutes' AND revoked_at IS NULL`);
      await rosa.page.close();
      await consoleTab.at('page').waitFor({ state: 'hidden' });
      await rowOf(consoleTab, 'page1@example.org').waitFor();
    });

    it('shows live sessions after thousands of ended ones', async () => {
      await sql(`INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, expires_at, auth_time, amr, created_at,
          last_active_at, revoked_at, revoke_reason)
        SELECT gen_random_uuid(), uid, tenant_id, 1, tag, now(), expires_at, 0, '{pwd}', now(), now(), now(), 'ended_by_operator'
        FROM (SELECT * FROM sessions LIMIT 1) s, generate_series(1, 12000)`);
      await goTo(consoleTab, 'Overview');
      await goTo(consoleTab, 'Sessions');
      await rowOf(consoleTab, 'page1@example.org').waitFor();
    });
  });
});
