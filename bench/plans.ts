import { bundle } from '../sdk-browser/bench/bundle.ts';
import { apiCalls } from '../sdk-server/bench/api-calls.ts';
import { guards } from '../sdk-server/bench/guards.ts';
import { proof } from '../sdk-server/bench/proof.ts';
import { revocationCacheMemory } from '../sdk-server/bench/revocation-cache-memory.ts';
import { revocations } from '../sdk-server/bench/revocations.ts';
import { verifyBackend } from '../sdk-server/bench/verify-backend.ts';
import { verifyCached } from '../sdk-server/bench/verify-cached.ts';
import { logins } from '../service/bench/logins.ts';
import { rotateBatch } from '../service/bench/rotate-batch.ts';
import { rotateGate } from '../service/bench/rotate-gate.ts';
import { rotateSingle } from '../service/bench/rotate-single.ts';
import { socketMemory } from '../service/bench/socket-memory.ts';
import { sockets } from '../service/bench/sockets.ts';
import { verify } from '../service/bench/verify.ts';
import type { ComparisonPlan } from './comparison.ts';

/** Every row, in the order of the table. */
export const plans: readonly ComparisonPlan[] = [
  verify,
  rotateSingle,
  rotateBatch,
  rotateGate,
  sockets,
  socketMemory,
  logins,
  verifyBackend,
  verifyCached,
  proof,
  guards,
  revocationCacheMemory,
  apiCalls,
  revocations,
  bundle,
];
