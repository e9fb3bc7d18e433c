import type { ServerToClientEvents } from '@latchkey/contract';
import type { Connection } from './connection.ts';

/** Emits one of the protocol's events to one socket. */
export function send<E extends keyof ServerToClientEvents>(
  { socket }: Connection,
  event: E,
  ...payload: Parameters<ServerToClientEvents[E]>
): void {
  socket.emit(event, ...payload);
}

/** The acknowledgement function of a call: the last function among its arguments. */
export type AckCallback = (answer: unknown) => void;

/** Splits the arguments of an event. Each may be missing, and the acknowledgement may be in the payload's place. */
export function splitEventArguments(args: readonly unknown[]): { payload: unknown; ack: AckCallback | undefined } {
  const last = args.at(-1);
  const ack = typeof last === 'function' ? (last as AckCallback) : undefined;
  const payload = args[0] === ack ? undefined : args[0];
  return { payload, ack };
}
