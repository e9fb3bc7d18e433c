import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@latchkey/core/internal';
import { controlSocketPath, createControlSocket } from '../../src/cli/control-socket.ts';
import type { Output, OutputError } from '../../src/cli/output.ts';
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
export const runCommand = (env: Env, ...words: string[]): Promise<Run> => runInto(createMemory(), env, words);

/** Runs a command line whose standard output takes the first text alone. */
export const runWithBrokenOutput = (env: Env, code: 'EPIPE' | 'ENOSPC', ...words: string[]): Promise<Run> =>
  runInto(createMemory(1, { code, isReaderClosed: code === 'EPIPE' }), env, words);

async function runInto(stdout: Memory, env: Env, words: readonly string[]): Promise<Run> {
  const stderr = createMemory();
  const code = await runCommandLine(words, { env, clock: createSystemClock(), stdout, stderr });
  return { code, out: stdout.text(), err: stderr.text() };
}

interface Memory extends Output {
  readonly text: () => string;
}

/** An output that keeps its text. @param space texts that it takes before it fails with `failure` */
export function createMemory(space = Number.POSITIVE_INFINITY, failure?: OutputError): Memory {
  const texts: string[] = [];
  let first: OutputError | undefined;
  return {
    async write(text) {
      if (texts.length < space) texts.push(text);
      else first = failure;
    },
    flush: async () => {},
    error: () => first,
    text: () => texts.join(''),
  };
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
