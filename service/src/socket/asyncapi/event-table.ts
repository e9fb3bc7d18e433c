import type { z } from 'zod';

/** What the document says of an event. */
export interface SocketEvent {
  readonly summary: string;
  /** Absent: the event has none. */
  readonly payload?: z.ZodType;
  /** Data of the acknowledgement, which is `{ ok: true, data }` or `{ ok: false, error }`. Absent: there is none. */
  readonly answer?: z.ZodType;
  /** The acknowledgement has no arguments. */
  readonly isReceipt?: true;
}

/** A row for each event of an interface of the contract. */
export type EventTable<Events> = { readonly [Name in keyof Events]: SocketEvent };
