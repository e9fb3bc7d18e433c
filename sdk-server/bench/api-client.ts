import { randomUUID } from 'node:crypto';
import type { LoadResult } from '../../bench/load.ts';
import { openSocket, type SocketCredential } from '../../bench/open-socket.ts';
import type { PlainWebSocket } from '../../bench/plain-websocket.ts';
import { serveCalls } from '../../bench/serve-calls.ts';
import type { Transfer } from './transfer.ts';

interface Pool {
  readonly name: string;
  readonly port: number;
  /** One socket for each credential. `null`: a socket that does not authenticate. */
  readonly credentials: readonly (SocketCredential | null)[];
}

interface Work {
  readonly name: string;
  /** Concurrent calls of one socket. */
  readonly callsAtOnce: number;
  readonly ms: number;
}

export type ApiClientCalls = {
  open(pool: Pool): Promise<void>;
  /** Calls on every socket of the pool for `ms`. Any refusal is an error. */
  call(work: Work): Promise<LoadResult>;
};

interface Caller {
  readonly socket: PlainWebSocket;
  onAnswer(packet: string): void;
}

const params: Transfer = { from: randomUUID(), to: randomUUID(), cents: 1_250, note: 'the rent of November' };
const rest = `["api","transfer",${JSON.stringify(params)}]`;
const isAnswer = /^43\d+\[\{"ok":true,/;

const pools = new Map<string, Caller[]>();

async function openCaller(port: number, credential: SocketCredential | null): Promise<Caller> {
  const onPacket = (packet: string) => caller.onAnswer(packet);
  const socket = await openSocket({ port, credential: credential ?? undefined, onPacket });
  const caller: Caller = { socket, onAnswer: () => {} };
  return caller;
}

/** Keeps `callsAtOnce` calls of one socket in flight until `until`. Resolves to the number of answers. */
function keepCalling(caller: Caller, callsAtOnce: number, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let [sent, answered] = [0, 0];
    const send = () => caller.socket.send(`42${sent++}${rest}`);
    caller.onAnswer = (packet) => {
      if (!isAnswer.test(packet)) return reject(new Error(`unexpected: ${packet.slice(0, 200)}`));
      answered++;
      if (performance.now() < until) send();
      else if (answered === sent) resolve(answered);
    };
    while (sent < callsAtOnce) send();
  });
}

const calls: ApiClientCalls = {
  async open({ name, port, credentials }) {
    pools.set(name, await Promise.all(credentials.map((credential) => openCaller(port, credential))));
  },
  async call({ name, callsAtOnce, ms }) {
    const from = performance.now();
    const answers = await Promise.all(pools.get(name)!.map((one) => keepCalling(one, callsAtOnce, from + ms)));
    return { operations: answers.reduce((sum, count) => sum + count, 0), ms: performance.now() - from };
  },
};

serveCalls(calls);
