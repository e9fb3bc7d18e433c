import type { WireError } from '@latchkey/contract';
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
  /** A refusal of a call without acknowledgement. Default: the client does not learn of it. */
  readonly refusedUnheard?: (connection: Connection, refusal: WireError) => void;
}

export type Handler = (connection: Connection, args: readonly unknown[]) => Promise<void>;

/** Wraps a call: parses, runs, answers what can be answered; no input and no error gets past it. */
export function createHandler<Input>(
  { event, parse, run, needsAck, afterwards, refusedUnheard }: Call<Input>,
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
      const refusal = trouble.refusalOf(error, event, []).wire;
      if (ack === undefined) refusedUnheard?.(connection, refusal);
      else ack({ ok: false, error: refusal });
    } finally {
      flights.finish(connection);
    }
  };
}
