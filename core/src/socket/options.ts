import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '@latchkey/contract';
import type { Authority } from '../authority.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { SuspensionDetector } from '../base/suspension.ts';
import type { Causes } from '../cause/causes.ts';
import type { NamespaceAccesses } from './namespace-access.ts';

/** What one socket, or one session on this server, may use. */
export interface SocketLimits {
  /** Sockets of one session on this server. */
  readonly socketsPerSession: number;
  /** Connections of one address (IPv6: of one /64) without a signed-in session. Further ones get 429. */
  readonly unauthenticatedSocketsPerAddress: number;
  /** Access tokens that one socket may ask for in a minute. */
  readonly refreshesPerMinute: number;
  /** Messages a socket may send at once; twice as many end the connection, and one more does before sign-in. */
  readonly messageBurst: number;
  /** Messages a second in the long run. */
  readonly messagesPerSecond: number;
  /** Final refusals that do not close the socket by themselves. */
  readonly finalRefusals: number;
  /** Bytes waiting for a slow reader, beside its largest message, before its connection is cut. */
  readonly backlogBytes: number;
}

/** The protocol's times, in milliseconds. Changed by tests only. */
export interface ProtocolTimings {
  /** Time to authenticate. */
  readonly authenticateMs: number;
  /** Time to authenticate, from connect, while an attempt is in flight or after a transient error for a valid credential. */
  readonly authenticateExtendedMs: number;
  /** Time between the expiry of the access token and the end of the socket. */
  readonly accessGraceMs: number;
  /** Time to refresh after the authority was unavailable or this process was suspended. */
  readonly afterOutageMs: number;
  /** Time until the next check when the authority is unavailable. */
  readonly recheckMs: number;
  /** Times of the warnings before a session's end, descending. */
  readonly warningsMs: readonly number[];
  /** Minimum time between two activities that are reported to the authority. */
  readonly activityMs: number;
  /** Time a closing connection has before it is cut. */
  readonly closeTimeoutMs: number;
  /** How long `logged_out` waits for a call of the same socket to be answered. */
  readonly answerMs: number;
  /** Width of the scheduler's buckets: how late a deadline may be. */
  readonly tickMs: number;
}

/** Options that log lines name, because changing them lifts a refusal. */
export interface SettingNames {
  readonly origins: string;
  readonly longPolling: string;
  readonly unauthenticatedSocketsPerAddress: string;
  readonly socketsPerSession: string;
  readonly addressOf: string;
  readonly publicUrl: string;
}

/** Takes what was refused: an event of the protocol, or `app` for any event of the application. */
export type RefusalObserver = (event: string, code: ErrorCode) => void;

/** Takes the fields of a log line about an event that was refused because the infrastructure fails. */
export type UnavailableObserver = (fields: Readonly<Record<string, unknown>>) => void;

/** What the browser protocol needs, and what may be set. */
export interface BrowserProtocolOptions {
  readonly authority: Authority;
  readonly clock: Clock;
  /** Default: the console. */
  readonly log?: Logger;
  /** Counts refusals. Default: one of its own. */
  readonly causes?: Causes | undefined;
  /** Called for each refused event. Default: nothing. */
  readonly onRefused?: RefusalObserver | undefined;
  /** Reports refusals by failures of the infrastructure. Default: by the cause `calls_unavailable`. */
  readonly onUnavailable?: UnavailableObserver | undefined;
  readonly limits?: Partial<SocketLimits>;
  readonly timings?: Partial<ProtocolTimings>;
  /** The browser's address behind trusted proxies. Default: the address of the connection. */
  readonly addressOf?: (request: IncomingMessage) => string | null;
  /** What log lines call the options, where the host's own settings fill them. Default: their names here. */
  readonly settingNames?: Partial<SettingNames> | undefined;
  /**
   * Who may connect to the application's namespaces, by name. Unlisted ones take signed-in sockets only.
   *
   * @example
   * { '/status': 'public' }
   */
  readonly namespaces?: NamespaceAccesses | undefined;
  /**
   * URL under which browsers open this server, as in their proofs. Default: the `Host` header, which clients choose.
   */
  readonly publicUrl?: string | undefined;
  /**
   * Keeps all headers of the upgrade request for each connected socket, some KB each. Default false: after connecting,
   * `socket.request.headers` and `socket.handshake.headers` hold `origin` and `user-agent` only.
   */
  readonly keepRequestHeaders?: boolean;
  /** Default: one of its own. */
  readonly suspension?: SuspensionDetector | undefined;
}

/** What the parts of the protocol share; each part takes what it uses. */
export interface ProtocolContext extends Required<Pick<BrowserProtocolOptions, 'authority' | 'clock' | 'log'>> {
  readonly limits: SocketLimits;
  readonly timings: ProtocolTimings;
  /** Names options as the host calls them. */
  readonly causes: Pick<Causes, 'report'>;
  readonly onRefused: RefusalObserver;
}

/** Times of a drain, in milliseconds. */
export interface DrainOptions {
  /** The clients' return is spread evenly over this time, by `reconnect_after_ms`. */
  readonly spreadMs: number;
  /** From now: sockets with calls in flight are waited for until then, and cut. */
  readonly deadlineMs: number;
}

/** Result of a drain: the number of sockets by outcome. */
export interface DrainReport {
  /** Sockets that were notified and closed. */
  readonly notified: number;
  /** Sockets cut at the deadline, a call of theirs still unanswered. */
  readonly terminated: number;
}

/** Sizes for metrics. All are 0 after the last socket has disconnected. */
export interface ProtocolCounts {
  readonly sockets: number;
  readonly authenticated: number;
  /** Exchanges, refreshes and logouts not answered yet. */
  readonly inFlight: number;
  /** Sockets with a deadline. */
  readonly deadlines: number;
}

/** What {@link mountBrowserProtocol} returns. */
export interface BrowserProtocol {
  /**
   * Refuses new attempts (`server_draining`), notifies and closes every socket. A repeated call returns the same
   * promise.
   */
  drain(options: DrainOptions): Promise<DrainReport>;
  counts(): ProtocolCounts;
  /**
   * Stops listening to Socket.IO and the authority and drops every timer, but that which cuts what is closing already;
   * leaves the other sockets to `io.close()`.
   */
  close(): void;
}

export const defaultLimits: SocketLimits = Object.freeze({
  socketsPerSession: 32,
  unauthenticatedSocketsPerAddress: 256,
  refreshesPerMinute: 10,
  messageBurst: 60,
  messagesPerSecond: 20,
  finalRefusals: 5,
  backlogBytes: 1_048_576,
});

/** Default times of the browser protocol. */
export const defaultTimings: ProtocolTimings = Object.freeze({
  authenticateMs: 5_000,
  authenticateExtendedMs: 20_000,
  accessGraceMs: 25_000,
  afterOutageMs: 10_000,
  recheckMs: 3_000,
  warningsMs: Object.freeze([120_000, 30_000]),
  activityMs: 60_000,
  closeTimeoutMs: 2_000,
  answerMs: 5_000,
  tickMs: 250,
});

export const defaultSettingNames: SettingNames = Object.freeze({
  origins: 'origins',
  longPolling: 'longPolling',
  unauthenticatedSocketsPerAddress: 'limits.unauthenticatedSocketsPerAddress',
  socketsPerSession: 'limits.socketsPerSession',
  addressOf: 'addressOf',
  publicUrl: 'publicUrl',
});
