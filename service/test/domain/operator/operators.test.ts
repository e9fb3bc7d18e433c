import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { createOperators } from '../../../src/domain/operator/operators.ts';
import { insertUser } from '../../../src/domain/user/user-store.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

onEachDatabase('createOperators', (database) => {
  const operators = createOperators();
  const db = () => database().db;
  beforeEach(() => emptyTables(database()));

  async function newUser(): Promise<string> {
    const id = randomUUID();
    const address = `${id}@example.org`;
    const rest = { tenantId: 'default', emailSkeleton: null, passwordHash: 'none', profile: {} };
    await insertUser(db(), { id, email: address, emailKey: address, ...rest });
    return id;
  }
  const marked = async () => {
    const rows = await db().selectFrom('users').select('id').where('operator', '=', true).execute();
    return rows.map(({ id }) => id);
  };

  it('accepts an invitation once', async () => {
    const code = (await operators.invite(db()))!;
    const [first, second] = [await newUser(), await newUser()];
    await operators.assertInviteValid(db(), code);
    await operators.redeem(db(), code, first);
    expect(await codeOf(operators.redeem(db(), code, second))).equal('forbidden');
    expect(await codeOf(operators.assertInviteValid(db(), code))).equal('forbidden');
    expect(await marked()).deep.equal([first]);
  });

  it('sets the flag of one of many users who register with the invitation at once', async () => {
    const code = (await operators.invite(db()))!;
    const users = await Promise.all(Array.from({ length: 8 }, newUser));
    const outcomes = await Promise.all(users.map((user) => codeOf(operators.redeem(db(), code, user))));
    expect(outcomes.filter((outcome) => outcome === 'done')).length(1);
    expect(await marked()).length(1);
  });

  it('creates no invitation once there is an operator', async () => {
    await operators.setOperator(db(), await newUser(), true);
    expect(await operators.invite(db())).equal(undefined);
  });

  it('accepts no invitation once another user became an operator', async () => {
    const code = (await operators.invite(db()))!;
    await operators.setOperator(db(), await newUser(), true);
    expect(await codeOf(operators.assertInviteValid(db(), code))).equal('forbidden');
    expect(await codeOf(operators.redeem(db(), code, await newUser()))).equal('forbidden');
    expect(await marked()).length(1);
  });

  it('accepts no replaced, expired or unknown invitation', async () => {
    const old = (await operators.invite(db()))!;
    const late = (await operators.invite(db()))!;
    const user = await newUser();
    expect(await codeOf(operators.redeem(db(), old, user))).equal('forbidden');
    await sql`UPDATE operator_invites SET expires_at = expires_at - interval '24 hours'`.execute(db());
    expect(await codeOf(operators.redeem(db(), late, user))).equal('forbidden');
    expect(await codeOf(operators.assertInviteValid(db(), late))).equal('forbidden');
    expect(await codeOf(operators.assertInviteValid(db(), 'another'))).equal('forbidden');
    expect(await marked()).deep.equal([]);
  });

  it('stores only a hash of the code', async () => {
    const code = (await operators.invite(db()))!;
    const { rows } = await sql<{ row: string }>`SELECT i::text AS row FROM operator_invites i`.execute(db());
    expect(rows).length(1);
    expect(rows[0]!.row).not.contain(code);
    expect(rows[0]!.row).not.contain(Buffer.from(code).toString('hex'));
    expect(rows[0]!.row).not.contain(Buffer.from(code, 'base64url').toString('hex'));
  });

  it('sets no flag of an unknown user', async () => {
    expect(await codeOf(operators.setOperator(db(), randomUUID(), true))).equal('not_found');
  });
});
