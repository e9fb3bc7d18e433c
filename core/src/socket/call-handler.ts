import type { WireError } from '@latchkey/contract';
import type { Connection } from './connection.ts';
import type { ErrorReporter } from './error-reporter.ts';
import type { InFlightCalls } from './in-flight-calls.ts';
import { type AckCallback, splitEventArguments } from './send.ts';

/** One event that may be acknowledged. */
export interface ProtocolCall<Input> {
  readonly event: string;
  readonly parse: (payload: unknown) => Input;
  /** The content of the acknowledgement. Without one the call still has its effect, unless `needsAck` is set. */
  readonly run: (connection: Connection, input: Input) => Promise<object>;
  /** Without a recipient there is nothing to do. */
  readonly needsAck?: boolean;
  /** After the answer went out. */
  readonly afterAck?: (connection: Connection, input: Input) => void;
  /** A refusal of a call without acknowledgement. Default: the client does not learn of it. */
  readonly onRefusedWithoutAck?: (connection: Connection, refusal: WireError) => void;
}

export type CallHandler = (connection: Connection, args: readonly unknown[]) => Promise<void>;

/** Wraps a call: parses the payload, runs the call and acknowledges the result or the refusal. Never rejects. */
export function createCallHandler<Input>(
  { event, parse, run, needsAck, afterAck, onRefusedWithoutAck }: ProtocolCall<Input>,
  { inFlightCalls, errorReporter }: { inFlightCalls: InFlightCalls; errorReporter: ErrorReporter },
): CallHandler {
  async function runCall(connection: Connection, payload: unknown, ack: AckCallback | undefined): Promise<void> {
    const input = parse(payload);
    if (needsAck && ack === undefined) return;
    ack?.(await run(connection, input));
    if (ack === undefined) await run(connection, input);
    afterAck?.(connection, input);
  }

  return async (connection, args) => {
    const { payload, ack } = splitEventArguments(args);
    inFlightCalls.start(connection);
    try {
      await runCall(connection, payload, ack);
    } catch (error) {
      const refusal = errorReporter.toRefusal(error, event, []).wire;
      if (ack === undefined) onRefusedWithoutAck?.(connection, refusal);
      else ack({ ok: false, error: refusal });
    } finally {
      inFlightCalls.finish(connection);
    }
  };
}
