import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sql } from 'kysely';
import { ensureDevelopmentBackend } from '../../../src/bootstrap/embedded-backend.ts';
import type { AuditEntry } from '../../../src/domain/audit/audit.ts';
import { commandLineActor } from '../../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

const facts = { backendId: 'whole', addressPrefix: '192.0.2.0/24' };
const actor = actorOf(facts);

/** What changes, who says so, and the rows of the audit that tell it. */
interface Change {
  readonly title: string;
  readonly run: (fixture: Fixture) => Promise<unknown>;
  readonly told: (fixture: Fixture) => readonly Partial<AuditEntry>[];
}

const byCommand = { by: 'command line' };
const commandLine = ({ domain }: Fixture) => commandLineActor(domain.databaseClock);

const changesOfBackends: readonly Change[] = [
  {
    title: 'a backend that the command line makes',
    run: (fixture) =>
      fixture.admin.createBackend(commandLine(fixture), {
        ...{ name: 'App', id: 'app', tenantId: 'default', scopes: ['feed'] },
      }),
    told: () => [
      {
        action: 'backend_created',
        tenantId: 'default',
        detail: { ...byCommand, made: 'app', scopes: 'feed' },
      },
    ],
  },
  {
    title: 'a secret that the command line replaces',
    run: (fixture) => fixture.admin.rotateBackend(commandLine(fixture), 'stands'),
    told: () => [
      {
        action: 'backend_changed',
        tenantId: 'default',
        detail: { ...byCommand, changed: 'stands', change: 'rotated' },
      },
    ],
  },
  {
    title: 'a backend that the command line removes',
    run: (fixture) => fixture.admin.removeBackend(commandLine(fixture), 'stands'),
    told: () => [
      {
        action: 'backend_changed',
        tenantId: 'default',
        detail: { ...byCommand, changed: 'stands', change: 'removed' },
      },
    ],
  },
];

onEachDatabase('the audit of operators’ changes', (database) => {
  let fixture: Fixture;
  let role: string;
  let userId: string;
  let last: number;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    role = 'teller';
    fixture = await openFixture(database(), { hooks: { claim: () => ({ role }) } });
    ({ userId } = (await fixture.enter()).grant);
    await fixture.domain.backends.create(db(), { id: 'stands', name: 'Stands', tenantId: 'default' });
    last = (await fixture.domain.audit.list(db())).rows[0]!.id;
    role = 'manager';
  });
  afterEach(() => fixture.stop());

  const told = async () => {
    const { rows } = await fixture.domain.audit.list(db());
    return rows.filter(({ id }) => id > last).map(({ id: _id, at: _at, ...row }) => row);
  };

  /** Everything but the audit. */
  async function state(): Promise<string> {
    const { rows } = await sql`SELECT (SELECT json_agg(k ORDER BY kid) FROM signing_keys k) AS keys,
      (SELECT json_agg(b ORDER BY id) FROM backends b) AS backends,
      (SELECT json_agg(s.claims ORDER BY sid) FROM sessions s) AS claims`.execute(db());
    return JSON.stringify(rows);
  }

  const changes: readonly Change[] = [
    ...changesOfBackends,
    {
      title: 'keys that an operator replaces',
      run: ({ admin }) => admin.rotateKeys(actor),
      told: ({ domain }) => [
        {
          action: 'keys_rotated',
          addressPrefix: actor.addressPrefix,
          detail: { backend: 'whole', kid: domain.keys.current().kid },
        },
      ],
    },
    {
      title: 'claims that an operator has computed again',
      run: ({ admin }) => admin.recomputeUser(actor, userId),
      told: () => [
        {
          action: 'claims_recomputed',
          ...{ userId, tenantId: 'default', addressPrefix: actor.addressPrefix },
          detail: { backend: 'whole', changed: 1 },
        },
      ],
    },
    {
      title: 'claims that the app has computed again',
      run: ({ flows }) => flows.recomputeClaims(userId),
      told: () => [{ action: 'claims_recomputed', userId, tenantId: 'default', detail: { by: 'app', changed: 1 } }],
    },
  ];

  const nothing = { tenantId: null, userId: null, sid: null, addressPrefix: null };

  for (const { title, run, told: expected } of changes)
    it(`records ${title} in one transaction with the change`, async () => {
      const before = await state();
      await sql`ALTER TABLE audit ADD CONSTRAINT broken CHECK (false) NOT VALID`.execute(db());
      const refusal = await run(fixture).then(
        () => 'done',
        (error: Error) => error.message,
      );
      await sql`ALTER TABLE audit DROP CONSTRAINT broken`.execute(db());
      expect(refusal).to.contain('broken');
      expect(await state()).to.equal(before);
      await run(fixture);
      expect(await state()).not.to.equal(before);
      expect(await told()).to.deep.equal(expected(fixture).map((row) => ({ ...nothing, ...row })));
    });

  it('records the development backend, when the first start creates it or a later one rotates its secret', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-development-'));
    const start = () => ensureDevelopmentBackend({ embedded: true, dataDir: folder }, { ...fixture.domain, db: db() });
    await start();
    await start();
    expect(readdirSync(folder)).to.deep.equal(['backend.json']);
    rmSync(join(folder, 'backend.json'));
    await start();
    rmSync(folder, { recursive: true });
    expect((await told()).map(({ action, detail }) => [action, detail])).to.deep.equal([
      ['backend_changed', { by: 'start', changed: 'development', change: 'rotated' }],
      ['backend_created', { by: 'start', made: 'development', scopes: 'relay feed limits introspect' }],
    ]);
  });

  it('does not recompute claims of users whom the actor may not see', async () => {
    const before = await state();
    const elsewhere = actorOf({ ...facts, tenantId: 'elsewhere' });
    const refusal = await fixture.admin.recomputeUser(elsewhere, userId).catch((error) => error);
    expect(refusal).to.include({ code: 'not_found' });
    expect(await state()).to.equal(before);
    expect(await told()).to.deep.equal([]);
  });
});
