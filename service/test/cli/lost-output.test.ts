import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { onEachStage, runWithBrokenOutput } from './stage.ts';

onEachStage('a command whose output is lost after the first text', (stage, database) => {
  const countUsers = async () => (await database().db.selectFrom('users').select('id').execute()).length;
  const importLines = (code: 'EPIPE' | 'ENOSPC', lines: readonly string[]) => {
    const file = join(stage().env.LATCHKEY_DATA_DIR!, 'users.ndjson');
    writeFileSync(file, lines.join('\n'));
    return runWithBrokenOutput(stage().env, code, 'user', 'import', file);
  };
  /** More than two pieces of an import, and than a page of an export. */
  const lines = Array.from({ length: 1_100 }, (_, at) => JSON.stringify({ email: `user-${at}@example.org` }));
  const summary = '{"created":1100,"exists":0,"invalid":0}\n';

  it('imports all users, and writes the counts to the standard error output', async () => {
    const { code, out, err } = await importLines('EPIPE', lines);
    expect({ code, err, users: await countUsers() }).to.deep.equal({ code: 0, err: summary, users: 1_100 });
    expect(out.split('\n')).to.have.length.below(1_100);
  });

  it('imports all users, and fails with a sentence, when the disk is full', async () => {
    const { code, err } = await importLines('ENOSPC', lines);
    const sentence = 'The standard output cannot be written (ENOSPC).\n';
    expect({ code, err, users: await countUsers() }).to.deep.equal({ code: 1, err: summary + sentence, users: 1_100 });
  });

  it('fails where it fails without a reader as well', async () => {
    const { code, err } = await importLines('EPIPE', [...lines, 'no JSON']);
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: '{"created":1100,"exists":0,"invalid":1}\nLines that are no users: 1.\n',
    });
  });

  it('ends a list and an export', async () => {
    await importLines('EPIPE', lines);
    for (const words of [
      ['user', 'list'],
      ['user', 'export'],
      ['audit', 'export'],
    ] as const) {
      expect(await runWithBrokenOutput(stage().env, 'EPIPE', ...words)).to.include({ code: 0, err: '' });
    }
    expect(await runWithBrokenOutput(stage().env, 'ENOSPC', 'user', 'list')).to.include({
      code: 1,
      err: 'The standard output cannot be written (ENOSPC).\n',
    });
  });
});
