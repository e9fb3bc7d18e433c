import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@latchkey/core/internal';
import type { Output } from '../../src/cli/command-context.ts';
import { controlSocketPath, createControlSocket } from '../../src/cli/control-socket.ts';
import { runOwnerCall } from '../../src/cli/owner-calls.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import type { Database } from '../../src/db/types.ts';
import { commandLineActor } from '../../src/flow/admin/actor.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { type Fixture, openFixture } from '../flow/fixture.ts';

type Env = Readonly<Record<string, string>>;

/** What a run has written, and its exit code. */
interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. */
export async function runCommand(env: Env, ...words: string[]): Promise<Run> {
  const written = { out: '', err: '' };
  const outputTo = (name: keyof typeof written): Output => ({
    write(text: string | Uint8Array) {
      written[name] += text;
      return true;
    },
    once: () => process.stdout,
  });
  const io = { env, clock: createSystemClock(), stdout: outputTo('out'), stderr: outputTo('err') };
  return { code: await runCommandLine(words, io), ...written };
}

/** A node over a test database, and the command line beside it. */
interface CommandStage {
  readonly fixture: Fixture;
  readonly env: Env;
  run(...words: string[]): Promise<Run>;
  /** The data that a run writes with `--json`. */
  json<T>(...words: string[]): Promise<T>;
  stop(): Promise<void>;
}

/** With PostgreSQL the command line opens the database, with PGlite it sends each call to the node. */
async function openCommandStage(database: Database): Promise<CommandStage> {
  const secret = randomBytes(32).toString('base64url');
  const fixture = await openFixture(database, { secret });
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  const env: Env = {
    ...{ LATCHKEY_DATA_DIR: folder, LATCHKEY_SECRET: secret, LOG_LEVEL: 'silent' },
    ...{ LATCHKEY_SMTP_URL: 'smtp://127.0.0.1:9', LATCHKEY_MAIL_FROM: 'id@example.org' },
    ...(database.pool === undefined ? {} : { DATABASE_URL: database.pool.options.connectionString! }),
  };
  const deps = {
    ...{ ...fixture.domain, db: database.db, admin: fixture.admin },
    actor: () => commandLineActor(fixture.domain.databaseClock),
    sendTestMail: async (address: string) => ({ sent_to: address, answer: '250 OK' }),
    startKeys: async () => {},
  };
  const control = createControlSocket({
    path: controlSocketPath({ dataDir: folder }),
    run: (name, input) => runOwnerCall(deps, name, input),
    onError: (error) => void fixture.errors.push(error),
  });
  await control.start!();
  const run = (...words: string[]) => runCommand(env, ...words);
  return {
    fixture,
    env,
    run,
    async json(...words) {
      const { code, out, err } = await run(...words, '--json');
      if (code !== 0) throw new Error(err);
      return JSON.parse(out);
    },
    async stop() {
      await control.stop!();
      await fixture.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** One call of `suite` for each kind of database; `stage()` is open while its tests run. */
export function onEachStage(title: string, suite: (stage: () => CommandStage, database: () => Database) => void): void {
  onEachDatabase(title, (database) => {
    let stage: CommandStage;
    beforeEach(async () => {
      await emptyTables(database());
      stage = await openCommandStage(database());
    });
    afterEach(() => stage.stop());
    suite(() => stage, database);
  });
}
