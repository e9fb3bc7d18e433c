import { fileURLToPath } from 'node:url';
import { seedEmbeddedData } from '../../test-kit/database/embedded-data.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';

const example = new URL('../../examples/bank/', import.meta.url);

/** The bank's example: its process, and the service that signs its people in. */
export interface Branch {
  readonly service: ServiceProcess;
  readonly bank: ServiceProcess;
  close(): Promise<void>;
}

/**
 * Starts both, ready, on their embedded databases unless `BANK_DATABASE_URL` is given.
 *
 * @example
 * const branch = await openBranch({ BANK_DATABASE_URL: url });
 */
export async function openBranch(env: Readonly<Record<string, string>> = {}): Promise<Branch> {
  const port = await freePort();
  const service = await startService({
    env: {
      LATCHKEY_ALLOWED_ORIGINS: `http://127.0.0.1:${port}`,
      LATCHKEY_HOOKS: fileURLToPath(new URL('dist/hooks.js', example)),
    },
  });
  await service.ready();
  const bank = await startBank(service, port, env);
  await bank.ready();
  return Object.freeze<Branch>({
    service,
    bank,
    async close() {
      await bank.stop();
      await service.stop();
    },
  });
}

async function startBank(
  service: ServiceProcess,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const dataDir = `${service.dataFolder}/bank`;
  if (env.BANK_DATABASE_URL === undefined) await seedEmbeddedData(dataDir);
  return startService({
    entry: fileURLToPath(new URL('dist/main.js', example)),
    port,
    env: {
      BANK_PORT: String(port),
      BANK_PUBLIC_URL: `http://127.0.0.1:${port}`,
      BANK_LATCHKEY_URL: service.url,
      BANK_BACKEND_FILE: `${service.dataFolder}/backend.json`,
      BANK_DATA_DIR: dataDir,
      ...env,
    },
  });
}
