import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConfig, createService, type HookFunctions, type ServiceLogger } from '@latchkey/service';
import { expect } from 'chai';
import { createPlainClient, type PlainClient } from '../../test-kit/client/plain-client.ts';
import { seedEmbeddedData } from '../../test-kit/database/embedded-data.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import type { Line } from './planted-backend.ts';

const execute = promisify(execFile);

/** A running service in which a test plants a mistake. */
export interface PlantedService {
  readonly url: string;
  readonly client: PlainClient;
  readonly lines: Line[];
  /** Waits for the line of a cause, and checks its setting. */
  logged(cause: string, setting: string): Promise<Line>;
  /** `id:secret` of the backend for development. */
  developmentBackend(): string;
  /** Runs a command of the service beside it, such as `backend list`. */
  run(...words: string[]): Promise<unknown>;
  end(): Promise<void>;
}

interface PlantedServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly hooks?: HookFunctions;
}

/** Starts a service in this process, over an embedded database and on a free port. */
export async function plantService({ env = {}, hooks = {} }: PlantedServiceOptions = {}): Promise<PlantedService> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-planted-'));
  await seedEmbeddedData(folder);
  const lines: Line[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const log: ServiceLogger = { trace: note, debug: note, info: note, warn: note, error: note, fatal: note };
  const cheap = { LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1' };
  const own = { PORT: String(port), LATCHKEY_PUBLIC_URL: url, LATCHKEY_DATA_DIR: folder };
  const service = createService({ config: createConfig({ ...cheap, ...own, ...env }), hooks, log });
  await service.start();
  const client = createPlainClient({ url });
  return Object.freeze<PlantedService>({
    url,
    client,
    lines,
    async logged(cause, setting) {
      const find = () => lines.find((line) => line.cause === cause);
      await waitFor(() => find() !== undefined, 15_000).catch(() => {
        throw new Error(`no line of ${cause}: ${JSON.stringify(lines)}`);
      });
      const line = find()!;
      expect(line.setting, cause).to.equal(setting);
      expect(line.count).to.be.at.least(1);
      return line;
    },
    developmentBackend() {
      const { backend_id, backend_secret } = JSON.parse(readFileSync(join(folder, 'backend.json'), 'utf8'));
      return `${backend_id}:${backend_secret}`;
    },
    async run(...words) {
      const { stdout } = await execute(process.execPath, ['service/dist/main.js', ...words, '--json'], { env: own });
      return JSON.parse(stdout);
    },
    async end() {
      client.close();
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
