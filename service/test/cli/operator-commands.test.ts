import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { runOperatorCommand } from '../../src/cli/operator-commands.ts';
import { createAudit } from '../../src/domain/audit/audits.ts';
import { createOperators } from '../../src/domain/operator/operators.ts';
import { createTenants } from '../../src/domain/tenant/tenants.ts';
import { createUserDirectory } from '../../src/domain/user/user-directory.ts';
import { insertUser } from '../../src/domain/user/user-store.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';

const ids = ['0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55', '1b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55'];

onEachDatabase('runOperatorCommand', (database) => {
  const rooms = () => ({
    users: createUserDirectory(),
    operators: createOperators(),
    audit: createAudit(),
    db: database().db,
  });
  const run = (...words: string[]) => runOperatorCommand(words, rooms());

  beforeEach(async () => {
    const { db } = database();
    await emptyTables(database());
    await createTenants().create(db, { id: 'bank', name: 'Bank' });
    for (const [n, tenantId] of ['default', 'bank'].entries())
      await insertUser(db, {
        ...{ id: ids[n]!, tenantId, email: 'Ann@example.org', emailKey: 'ann@example.org' },
        ...{ emailSkeleton: null, passwordHash: 'none', profile: {} },
      });
  });

  it('sets the operator flag of a user of the tenant, whatever the case of the address', async () => {
    const printed = { id: ids[1], email: 'Ann@example.org', tenant_id: 'bank' };
    expect(await run('add', 'ANN@example.org', '--tenant', 'bank')).deep.equal({ ...printed, operator: true });
    expect(await run('list')).deep.equal([{ ...printed, operator: true }]);
    expect(await run('remove', 'ann@example.org', '--tenant', 'bank')).deep.equal({ ...printed, operator: false });
    expect(await run('list')).deep.equal([]);
  });

  it('rejects a user who is not registered in the tenant', async () => {
    expect(await codeOf(run('add', 'bob@example.org'))).equal('not_found');
    expect(await codeOf(run('add', 'ann@example.org', '--tenant', 'elsewhere'))).equal('not_found');
    expect(await codeOf(run('add', 'no address'))).equal('not_found');
  });

  it('rejects unknown arguments', async () => {
    const strange = [
      '',
      'add',
      'add --tenant x',
      'list x',
      'drop a@b',
      'add a@b --x y',
      'add a@b --tenant',
      'add a@b c',
    ];
    for (const words of strange) expect(await codeOf(run(...words.split(' '))), words).equal('invalid_request');
  });
});
