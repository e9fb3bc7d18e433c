import type { LatchkeyOptions } from '@latchkey/sdk-server';
import type { CpuTime } from '../../bench/cpu.ts';
import { type BenchDomain, openBenchDomain } from '../../service/bench/bench-domain.ts';
import { liveOf, type Seeded, seedSessions } from '../../service/bench/seed.ts';
import { startServiceHost } from '../../service/bench/workers.ts';

/** Credential of a backend and the address of its service. */
export type BackendCredential = Pick<LatchkeyOptions, 'url' | 'backendId' | 'backendSecret'>;

/** A session in the database, with an access token. */
export interface SeededToken {
  readonly sid: string;
  readonly token: string;
}

/** A process of the service on Postgres, with the credential of a backend. */
interface BenchService {
  readonly domain: BenchDomain;
  readonly credential: BackendCredential;
  readonly cpuTime: CpuTime;
  close(): Promise<void>;
}

export async function openService(): Promise<BenchService> {
  const domain = await openBenchDomain();
  const service = await startServiceHost();
  await service.call('start', domain.env);
  const { backend, secret } = await domain.backends.create(domain.database.db, { name: 'bench' });
  return {
    domain,
    credential: { url: domain.config.publicUrl, backendId: backend.id, backendSecret: secret },
    cpuTime: service.cpuTime,
    async close() {
      await service.stop();
      await domain.close();
    },
  };
}

/** Replaces all sessions by `count` live ones, each of another user and with a new access token. */
export async function seedTokens({ database, tokens }: BenchDomain, count: number): Promise<SeededToken[]> {
  const sessions = await seedSessions(database, count);
  const sign = async (seeded: Seeded) => ({
    sid: seeded.sid,
    token: await tokens.signAccess(tokens.accessClaims(liveOf(seeded), '')),
  });
  return Promise.all(sessions.map(sign));
}
