import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { makePng } from '../../../../test-kit/png.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf, backendActor } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

const png = makePng(320, 80);
const logo = png.toString('base64');
const colour = '#1f4fd8';

onEachDatabase('the brand of a tenant', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    await fixture.admin.createTenant(backendActor, { id: 'bank', name: 'Bank' });
  });
  afterEach(() => fixture.stop());

  const shown = async () => (await fixture.flows.getSignInOptions({ tenant: 'bank' })).tenant.brand;
  const file = (path: string) => path.replace(/^\/brand\//, '');

  it('is none at first', async () => {
    expect(await shown()).equal(null);
    expect((await fixture.admin.findTenant(backendActor, 'bank')).brand).equal(null);
  });

  it('is shown on the pages, with the image at a path of its own', async () => {
    const brand = await fixture.admin.setBrand(backendActor, 'bank', { name: 'The Bank', colour, logo });
    expect(brand).include({ name: 'The Bank', colour });
    expect(brand.logo).match(/^\/brand\/[\da-f]{64}\.png$/);
    expect(await shown()).eql(brand);
    expect(await fixture.flows.findLogo(file(brand.logo!))).eql({ type: 'image/png', bytes: png });
    expect((await fixture.admin.findTenant(backendActor, 'bank')).brand).eql(brand);
  });

  it('keeps the image when a change leaves it out, and has another path for another image', async () => {
    const first = await fixture.admin.setBrand(backendActor, 'bank', { logo });
    expect(await fixture.admin.setBrand(backendActor, 'bank', { colour })).eql({
      name: null,
      colour,
      logo: first.logo,
    });
    const next = { logo: makePng(8, 8).toString('base64') };
    const second = await fixture.admin.setBrand(backendActor, 'bank', next);
    expect(second.logo).not.equal(first.logo);
    expect(await codeOf(fixture.flows.findLogo(file(first.logo!)))).equal('not_found');
    expect(await fixture.admin.setBrand(backendActor, 'bank', { logo: null })).eql({
      name: null,
      colour: null,
      logo: null,
    });
    expect(await codeOf(fixture.flows.findLogo(file(second.logo!)))).equal('not_found');
  });

  it('is removed', async () => {
    const brand = await fixture.admin.setBrand(backendActor, 'bank', { name: 'The Bank', logo });
    expect(await fixture.admin.removeBrand(backendActor, 'bank')).eql({ removed: 'bank' });
    expect(await shown()).equal(null);
    expect(await codeOf(fixture.flows.findLogo(file(brand.logo!)))).equal('not_found');
  });

  it('is refused as a whole when one part of it is invalid', async () => {
    const bad = { name: 'a\u0000b', colour: '#ffffff', logo: Buffer.from('<svg/>').toString('base64') };
    const error = await fixture.admin.setBrand(backendActor, 'bank', bad).catch((cause: unknown) => cause);
    expect(error).nested.include({ code: 'invalid_request', 'details[0].path': 'name', 'details[1].path': 'colour' });
    expect(error).nested.include({ 'details[2].path': 'logo' });
    for (const change of [{ colour: 'red' }, { logo: 'no base64!' }, { name: '' }])
      expect(await codeOf(fixture.admin.setBrand(backendActor, 'bank', { ...change }))).equal('invalid_request');
    expect(await shown()).equal(null);
  });

  it('is changed by who may change the tenant, and audited', async () => {
    const other = actorOf({ backendId: 'c', tenantId: 'default' });
    expect(await codeOf(fixture.admin.setBrand(other, 'bank', { colour }))).equal('tenant_unknown');
    expect(await codeOf(fixture.admin.removeBrand(other, 'bank'))).equal('tenant_unknown');
    expect(await codeOf(fixture.admin.setBrand(backendActor, 'none', { colour }))).equal('tenant_unknown');
    await fixture.admin.setBrand(backendActor, 'bank', { colour });
    const { audit } = await fixture.admin.listAudit(backendActor, { limit: 10, tenantId: 'bank' });
    expect(audit[0]).include({ action: 'tenant_changed' });
    expect(audit[0]?.detail).include({ of: 'brand' });
  });

  it('names no image at a path that is none', async () => {
    const { logo: path } = await fixture.admin.setBrand(backendActor, 'bank', { logo });
    const hash = file(path!).slice(0, 64);
    for (const wrong of [`${hash}.webp`, hash, `${hash}.png/..`, 'x.png', '', `${'0'.repeat(64)}.png`])
      expect(await codeOf(fixture.flows.findLogo(wrong)), wrong).equal('not_found');
  });
});
