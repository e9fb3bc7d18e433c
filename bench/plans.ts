import { logins } from '../service/bench/logins.ts';
import { rotateBatch } from '../service/bench/rotate-batch.ts';
import { rotateSingle } from '../service/bench/rotate-single.ts';
import { socketMemory } from '../service/bench/socket-memory.ts';
import { sockets } from '../service/bench/sockets.ts';
import { verify } from '../service/bench/verify.ts';
import type { ContestPlan } from './contest.ts';

/** Every row, in the order of the table. */
export const plans: readonly ContestPlan[] = [verify, rotateSingle, rotateBatch, sockets, socketMemory, logins];
