import type { Authenticated, WireError } from '@latchkey/contract';
import type { SocketFactory } from '@latchkey/sdk-browser';
import { io, type Socket } from 'socket.io-client';
import type { Dice } from './dice.ts';
import type { History } from './history.ts';

interface WeatherOptions {
  readonly dice: Dice;
  readonly history: History;
  /** Share of the service's answers to a credential that never arrive. */
  readonly lostShare: number;
  /** Share of shown credentials that arrive once more, on another connection, up to two seconds later. */
  readonly duplicateShare: number;
  /** Where a duplicate turns up. */
  readonly nextNode: () => string;
}

/** What happens between the tabs and the service. */
export interface Weather {
  /** Makes the SDK's own sockets for the pages of one tab. */
  socketsOf(tab: string): SocketFactory;
  /** From now on answers get lost. `silentMs`: so long some go without a trace; the SDK gives those up after 10 s. */
  rage(silentMs: number): void;
  /** Nothing is lost any more; resolves when the last duplicate has arrived. */
  calm(): Promise<void>;
}

/** What `authenticate` shows; a code has no token. */
interface Credential {
  readonly token?: string;
}

/** The one place where socket.io-client hands on what the server emitted. */
interface Receiver {
  onevent(packet: { readonly data: readonly unknown[] }): void;
}

const duplicateWithinMs = 2_000;
const silentShare = 0.25;

export function createWeather(options: WeatherOptions): Weather {
  const { dice, history, lostShare, duplicateShare, nextNode } = options;
  const duplicates = new Set<Promise<void>>();
  let isRaging = false;
  let silentUntil = 0;

  const hear = ([event, payload]: readonly unknown[], shown: Credential | undefined): boolean => {
    if (event === 'authenticated') history.granted((payload as Authenticated).token, shown?.token);
    if (event === 'unauthorized') history.refused((payload as WireError).code);
    return event === 'authenticated' || event === 'unauthorized';
  };
  const isLost = (own: Dice): boolean => {
    history.count('answers');
    return own.chance(lostShare);
  };
  const lose = (socket: Socket, own: Dice): void => {
    const isSilent = own.chance(silentShare) && performance.now() < silentUntil;
    history.count(isSilent ? 'lost silently' : 'lost with the line');
    if (!isSilent) socket.io.engine.close();
  };
  const isDuplicate = (own: Dice): boolean => {
    history.count('shown');
    return own.chance(duplicateShare);
  };
  const duplicate = (payload: Credential, own: Dice): void => {
    history.count('duplicates');
    const late = repeat(nextNode, payload, own.between(0, duplicateWithinMs), hear);
    duplicates.add(late);
    void late.finally(() => duplicates.delete(late));
  };
  const inWeather =
    (own: Dice): SocketFactory =>
    (url, socketOptions) => {
      const socket = io(url, socketOptions);
      const receiver = socket as unknown as Receiver;
      const deliver = receiver.onevent.bind(socket);
      let shown: Credential | undefined;
      receiver.onevent = (packet) => {
        if (hear(packet.data, shown) && isRaging && isLost(own)) lose(socket, own);
        else deliver(packet);
      };
      return socket.onAnyOutgoing((event: string, payload: Credential) => {
        if (event !== 'authenticate') return;
        shown = payload;
        if (isRaging && isDuplicate(own)) duplicate(payload, own);
      });
    };
  return Object.freeze<Weather>({
    socketsOf: (tab) => inWeather(dice.of(tab)),
    rage(silentMs) {
      isRaging = true;
      silentUntil = performance.now() + silentMs;
    },
    async calm() {
      isRaging = false;
      await Promise.all(duplicates);
    },
  });
}

/** Shows the same credential once more, as a late packet would; the answer goes nowhere and is not acknowledged. */
async function repeat(
  nextNode: () => string,
  payload: Credential,
  delayMs: number,
  hear: (data: readonly unknown[], shown: Credential) => boolean,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const socket = io(nextNode(), { transports: ['websocket'], reconnection: false, forceNew: true });
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, 5_000);
    const done = () => {
      clearTimeout(late);
      resolve();
    };
    socket.on('connect', () => socket.emit('authenticate', payload));
    socket.onAny((...data: unknown[]) => hear(data, payload) && done());
    socket.on('connect_error', done).on('disconnect', done);
  });
  socket.disconnect();
}
