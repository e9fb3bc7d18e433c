import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeCommands } from '../../src/cli/describe.ts';
import { newKey } from '../flow/fixture.ts';
import { onEachStage } from './stage.ts';

/** They need a service that listens. */
const otherTests = ['serve', 'doctor', 'drill'];
/** The id in examples of a session or an invitation, which the service chooses. */
const anyId = '3f0c7a9e-5d0b-4c53-9a37-8c1f4b1f6a2d';
const email = 'ann@example.org';

onEachStage('the examples of the command line', (stage, database) => {
  const isEmbedded = () => database().pool === undefined;
  const create = {
    tenant: () => stage().run('tenant', 'create', 'shop', 'Shop'),
    user: () => stage().fixture.register(email),
  };
  /** What exists before the examples of a noun, besides what they create. */
  const before: Readonly<Record<string, () => Promise<unknown>>> = {
    user: create.tenant,
    invitation: create.tenant,
    session: create.user,
    operator: create.user,
  };

  /** The id that a list shows first. */
  const firstId = async (noun: string) => (await stage().json<{ id: string }[]>(noun, 'list'))[0]?.id ?? anyId;

  async function run(line: string) {
    const [command = ''] = line.split(' > ');
    const file = join(stage().env.LATCHKEY_DATA_DIR!, 'users.ndjson');
    writeFileSync(file, JSON.stringify({ email: 'bob@example.org' }));
    if (line === `session end ${anyId}` || line === `session show ${anyId}`) await signIn();
    const id = line.includes(anyId) ? await firstId(line.split(' ')[0]!) : anyId;
    const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    return stage().run(...words.map((word) => word.replace('users.ndjson', file).replace(anyId, id)));
  }

  async function signIn() {
    await stage().fixture.redeem(await stage().fixture.login(email), newKey());
  }

  for (const { name, verbs, examples } of describeCommands().filter((row) => !otherTests.includes(row.name)))
    it(`run in their order: ${name}`, async () => {
      await before[name]?.();
      for (const line of [...examples, ...verbs.flatMap((verb) => verb.examples)]) {
        // These need a mail server, and the secret of a node that runs.
        if (!isEmbedded() && ['mail test', 'keys rotate'].some((start) => line.startsWith(start))) continue;
        const { code, err } = await run(line);
        expect({ code, err }, line).to.deep.equal({ code: 0, err: '' });
      }
    });
});
