import { randomBytes } from 'node:crypto';
import type { Credential } from '../client/plain-backend.ts';
import { sharedPostgres } from '../database/shared-postgres.ts';
import { type ServiceProcess, startService } from './service-process.ts';

/** Nodes of one cluster: processes of the service over one new database of the shared Postgres. */
export interface Cluster {
  readonly databaseUrl: string;
  /** Environment of every node. */
  readonly env: Readonly<Record<string, string>>;
  /** One more node, ready to serve. */
  start(env?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
  /** A credential made as an operator would, with the words of the command behind the name. */
  makeBackend(...words: readonly string[]): Promise<Credential>;
  /** Replaces the secret of a backend, as an operator would. */
  rotateBackend(id: string): Promise<Credential>;
  /** Ends every node and removes the database. */
  stop(): Promise<void>;
}

/**
 * Migrates a new database by command, as an operator would.
 *
 * @example
 * const cluster = await createCluster();
 * const [one, two] = [await cluster.start(), await cluster.start()];
 */
export async function createCluster(env: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const postgres = await sharedPostgres();
  const databaseUrl = await postgres.createDatabase();
  const shared = { DATABASE_URL: databaseUrl, LATCHKEY_SECRET: randomBytes(32).toString('base64url'), ...env };
  const migration = await startService({ env: shared, args: ['migrate'] });
  const code = await migration.exited();
  if (code !== 0) throw new Error(`migrate ended with ${code}: ${migration.log()}`);
  const nodes: ServiceProcess[] = [];
  const credentialOf = async (...words: readonly string[]) => {
    const command = await startService({ env: shared, args: ['backend', ...words] });
    if ((await command.exited()) !== 0) throw new Error(command.log());
    return JSON.parse(command.log()) as Credential;
  };
  return Object.freeze({
    databaseUrl,
    env: shared,
    async start(more: Readonly<Record<string, string>> = {}) {
      const node = await startService({ env: { ...shared, ...more } });
      nodes.push(node);
      await node.ready();
      return node;
    },
    makeBackend: (...words: readonly string[]) => credentialOf('create', 'App', ...words),
    rotateBackend: (id: string) => credentialOf('rotate', id),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await postgres.dropDatabase(databaseUrl);
    },
  });
}

/** One call of `suite` against the service on its embedded database, and one against it on a real Postgres. */
export function eachService(title: string, suite: (service: () => ServiceProcess) => void): void {
  for (const kind of [embedded, onPostgres]) {
    describe(`${title} (${kind.title})`, () => {
      let running: { service: ServiceProcess; stop(): Promise<unknown> } | undefined;
      before(async function () {
        this.timeout(60_000);
        running = await kind.start();
      });
      after(async function () {
        this.timeout(30_000);
        await running?.stop();
      });
      suite(() => running!.service);
    });
  }
}

const embedded = {
  title: 'embedded',
  async start() {
    const service = await startService();
    await service.ready();
    return { service, stop: () => service.stop() };
  },
};

const onPostgres = {
  title: 'Postgres',
  async start() {
    const cluster = await createCluster();
    return { service: await cluster.start(), stop: () => cluster.stop() };
  },
};
