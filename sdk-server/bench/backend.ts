import type { LatchkeyOptions } from '@latchkey/sdk-server';
import { startServiceHost } from '../../service/bench/crowd.ts';
import { type BenchRooms, openRooms } from '../../service/bench/rooms.ts';
import { liveOf, type Seeded, seedSessions } from '../../service/bench/seed.ts';

/** What a backend needs to know of its service. */
export type BackendCredential = Pick<LatchkeyOptions, 'url' | 'backendId' | 'backendSecret'>;

/** A session that stands in the database, with an access token of it. */
export interface Held {
  readonly sid: string;
  readonly token: string;
}

/** A process of the service on Postgres, and what a backend of it shows. */
interface BenchService {
  readonly rooms: BenchRooms;
  readonly credential: BackendCredential;
  close(): Promise<void>;
}

export async function openService(): Promise<BenchService> {
  const rooms = await openRooms();
  const service = await startServiceHost();
  await service.call('start', rooms.env);
  const { backend, secret } = await rooms.backends.create(rooms.database.db, { name: 'bench' });
  return {
    rooms,
    credential: { url: rooms.config.publicUrl, backendId: backend.id, backendSecret: secret },
    async close() {
      await service.stop();
      await rooms.close();
    },
  };
}

/** So many live sessions, each of another user and with a fresh access token; those before are gone. */
export async function holdSessions({ database, tokens }: BenchRooms, count: number): Promise<Held[]> {
  const sessions = await seedSessions(database, count);
  const hold = async (seeded: Seeded) => ({
    sid: seeded.sid,
    token: await tokens.signAccess(tokens.accessClaims(liveOf(seeded), '')),
  });
  return Promise.all(sessions.map(hold));
}
