import { createServer } from 'node:http';
import { fail } from '@latchkey/contract';
import { socketServerOptions } from '@latchkey/core';
import { type Clock, createSuspensionDetector, createSystemClock } from '@latchkey/core/internal';
import { Server } from 'socket.io';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { createServiceCauses } from '../../src/ops/causes.ts';
import { type BackendNamespaceDeps, mountBackendNamespace } from '../../src/socket/backend/namespace.ts';

/** The namespace for backends on a port, whatever stands behind it. */
export interface BackendStage {
  readonly url: string;
  /** Backends that are connected. */
  connected(): number;
  readonly warnings: readonly string[];
  drain(): Promise<void>;
  stop(): Promise<void>;
}

export type StageDeps = Omit<BackendNamespaceDeps, 'log' | 'clock' | 'now' | 'suspension' | 'accessTokens' | 'causes'>;

/** Each wait takes a fiftieth of its time: a heartbeat comes every 20 ms. */
const hurry = 50;

export async function openBackendStage(deps: StageDeps, jwks: () => object = () => ({})): Promise<BackendStage> {
  const system = createSystemClock();
  const clock: Clock = { ...system, after: (ms, task) => system.after(ms / hurry, task) };
  const http = createServer((_request, response) => response.end(JSON.stringify(jwks())));
  const io = new Server(http, socketServerOptions({ isOriginAllowed: () => false }));
  const warnings: string[] = [];
  const note = (_fields: unknown, message: string) => void warnings.push(message);
  const log = { trace() {}, debug() {}, info() {}, warn: note, error: note, fatal: note };
  const namespace = mountBackendNamespace(io, {
    ...{ ...deps, clock, now: system.now, log: log as never },
    flows: { assertScope, ...(deps.flows as object) } as never,
    suspension: createSuspensionDetector(clock),
    causes: createServiceCauses({ log: log as never, clock }),
    accessTokens: { issuer: 'https://id.test', audience: 'https://id.test' },
  });
  await listen(http);
  return Object.freeze<BackendStage>({
    url: `http://127.0.0.1:${portOf(http)}`,
    connected: () => io.of('/backend').sockets.size,
    warnings,
    drain: () => namespace.drain({ spreadMs: 0, deadlineMs: 1_000 }),
    async stop() {
      namespace.close();
      await io.close();
    },
  });
}

const assertScope: BackendNamespaceDeps['flows']['assertScope'] = ({ scopes }, scope) => {
  if (!scopes.includes(scope)) throw fail('forbidden');
};
