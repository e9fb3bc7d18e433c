import type { Connection } from './connection.ts';
import type { Flights } from './flights.ts';
import { type Ack, argumentsOf } from './send.ts';
import type { Trouble } from './trouble.ts';

/** One event that may be acknowledged. */
export interface Call<Input> {
  readonly event: string;
  readonly parse: (payload: unknown) => Input;
  /** What the acknowledgement says. Whoever has none still gets the effect, if `needsAck` is not set. */
  readonly run: (connection: Connection, input: Input) => Promise<object>;
  /** Without somebody to tell, there is nothing to do. */
  readonly needsAck?: boolean;
  /** After the answer went out. */
  readonly afterwards?: (connection: Connection, input: Input) => void;
}

export type Handler = (connection: Connection, args: readonly unknown[]) => Promise<void>;

/** Wraps a call: parses, runs, answers what can be answered; no input and no error gets past it. */
export function createHandler<Input>(
  { event, parse, run, needsAck, afterwards }: Call<Input>,
  { flights, trouble }: { flights: Flights; trouble: Trouble },
): Handler {
  async function perform(connection: Connection, payload: unknown, ack: Ack | undefined): Promise<void> {
    const input = parse(payload);
    if (needsAck && ack === undefined) return;
    ack?.(await run(connection, input));
    if (ack === undefined) await run(connection, input);
    afterwards?.(connection, input);
  }

  return async (connection, args) => {
    const { payload, ack } = argumentsOf(args);
    flights.start(connection);
    try {
      await perform(connection, payload, ack);
    } catch (error) {
      ack?.({ ok: false, error: trouble.refusalOf(error, event, []).wire });
    } finally {
      flights.finish(connection);
    }
  };
}
