import { stopOnSignals } from '@latchkey/sdk-server';
import { pino } from 'pino';
import { createBank } from './bank.ts';
import { readConfig } from './config/env.ts';
import { openDatabase } from './database/database.ts';
import { lockFolder } from './database/lock-folder.ts';
import { migrate } from './database/tables.ts';

const deadlineSeconds = 8;

/** Runs one node of the bank until a signal ends it. */
async function main(): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel });
  if (config.databaseUrl === undefined) await lockFolder(config.dataDir);
  const db = openDatabase(config, log);
  // Before the connection to the service, because creating an embedded database blocks this process for seconds.
  await migrate(db);
  const bank = createBank({ config, db, log });
  stopOnSignals({ host: process, shutdown: bank.latchkey, delay: deadlineSeconds, close: bank.close, log });
  await bank.listen();
  log.info({ url: config.publicUrl }, 'the bank is open');
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof TypeError ? error.message : error instanceof Error ? error.stack : error}\n`,
  );
  process.exit(1);
});
