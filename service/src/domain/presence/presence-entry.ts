/** A live session with sockets on one server. Times in epoch milliseconds. */
export interface PresenceEntry {
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly serverId: string;
  readonly sockets: number;
  readonly createdAtMs: number;
  /** Last activity of the user. */
  readonly updatedAtMs: number;
}
