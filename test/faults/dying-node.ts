import { setTimeout as sleep } from 'node:timers/promises';
import type { Authenticated } from '@latchkey/contract';
import { createPlainClient } from '../../test-kit/client/plain-client.ts';
import type { ServiceProcess } from '../../test-kit/node/service-process.ts';
import type { Dice } from '../storm/dice.ts';
import type { Visitor } from './visitor.ts';

const withinMs = 50;

/**
 * Each visitor shows its token on a socket of `node`, 0 to 50 ms before the node is killed. Resolves, once it is dead,
 * with how many were answered; their new tokens stand in the visitors' history, but they still hold the old ones.
 */
export async function showAndKill(node: ServiceProcess, visitors: readonly Visitor[], dice: Dice): Promise<number> {
  const client = createPlainClient(node);
  const sockets = await Promise.all(visitors.map(() => client.connect({ acknowledging: 'never' })));
  let answered = 0;
  const shows = visitors.map(async ({ token, key, hear }, index) => {
    const { raw } = sockets[index] as (typeof sockets)[number];
    raw.on('authenticated', (answer: Authenticated) => {
      answered += 1;
      hear(answer.token);
    });
    await sleep(dice.between(0, withinMs));
    raw.emit('authenticate', { token, rotation_key: key });
  });
  await sleep(withinMs);
  node.kill('SIGKILL');
  await Promise.all([...shows, node.exited()]);
  await sleep(50);
  client.close();
  return answered;
}
