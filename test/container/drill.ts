import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../../test-kit/database/postgres.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { createSecrets } from '../../test-kit/node/secrets.ts';
import { type Check, checks, type Drill } from './checks.ts';
import { createContainer } from './container.ts';
import { inspectImage, sizeOf } from './image.ts';

const tag = process.argv[2];
if (tag === undefined) throw new TypeError('Usage: drill.ts <image>');
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-container-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const image = await inspectImage(tag);
console.log(`image: ${tag}, ${await sizeOf(tag)}`);
const postgres = await startPostgres();
const container = await createContainer(image);
try {
  const results = await runAll(checks, await prepare());
  const failed = results.filter((passed) => !passed).length;
  console.log(`\n${results.length - failed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await container.remove();
  await postgres.stop();
}

async function prepare(): Promise<Drill> {
  const secrets = createSecrets();
  const databaseUrl = await postgres.createDatabase();
  const secret = secrets.add('LATCHKEY_SECRET', randomBytes(32).toString('base64url'));
  secrets.add('password of the database', new URL(databaseUrl).password);
  const port = await freePort();
  return {
    image,
    container,
    databaseUrl,
    secrets,
    url: `http://127.0.0.1:${port}`,
    env: { PORT: String(port), LATCHKEY_PUBLIC_URL: 'https://id.example.test' },
    secretFiles: {
      [secretFile('secret', secret)]: '/run/latchkey/secret',
      [secretFile('database-url', databaseUrl)]: '/run/latchkey/database-url',
    },
  };
}

/** Only uid 1000 may read it, as compose.yaml makes it. */
function secretFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o400 });
  chownSync(file, 1_000, 1_000);
  return file;
}

/** In their order; a failed check does not hide the next ones. */
async function runAll(table: readonly Check[], drill: Drill): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const { title, check } of table) {
    const error = await check(drill).then(
      () => undefined,
      (reason: Error) => reason,
    );
    console.log(error === undefined ? `  ok    ${title}` : `  FAIL  ${title}\n${error.stack}`);
    results.push(error === undefined);
  }
  return results;
}
