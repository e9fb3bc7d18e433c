import { EventEmitter } from 'node:events';
import { type ErrorCode, errors, isRetryable } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import type { SocketFactory } from '../../src/connection/connection.ts';
import { claimsOf, confirm, countsForMs, type Outcome, present, type Row, tokenOf } from './verdicts.ts';
import type { World } from './virtual-world.ts';

/** How a line treats what travels on it. */
interface Weather {
  readonly random: () => number;
  readonly mostDelayMs: number;
  /** Share of messages that are lost, with their connection. */
  readonly lossShare: number;
  /** Share of credentials that arrive once more, later. */
  readonly duplicateShare: number;
  /**
   * Share of credentials that arrive 5 s to 90 s late. Only those that say when they were asked: without that, a service
   * that did not sleep has a bound in the heartbeats of its connections, which are not played here.
   */
  readonly lateShare: number;
}

/** State of a tab. Its messages wait while it is frozen, and are lost when it is closed. */
export interface Place {
  reach(run: () => void): void;
}

export interface VirtualService {
  readonly verdicts: Outcome[];
  /** Sockets of one page. */
  socketsOf(place: Place): SocketFactory;
  /** The refresh grant; rejects as a lost connection does. */
  fetchOf(place: Place): typeof globalThis.fetch;
  /** Breaks every open connection. */
  restart(): void;
  /** No more losses and duplicates. */
  calm(): void;
}

const codes: Partial<Record<Outcome, ErrorCode>> = {
  late: 'busy',
  superseded: 'rotation_superseded',
  contended: 'rotation_contended',
  reuse: 'token_reused',
  unknown: 'generation_unknown',
  key_reused: 'invalid_request',
  revoked: 'session_revoked',
};
const grant = { access_token: 'access', access_token_expires_in: 300, refresh_in: 240 };
const goneMs = 45_000;
/** The database's clock is not the page's. */
const databaseAheadMs = 1_800_000_000_000;

interface Shown {
  readonly token: string;
  readonly rotation_key: string;
  readonly also_rotation_keys?: readonly string[];
  readonly asked_at?: number;
}

type RefreshGrant = Omit<Shown, 'token'> & { readonly refresh_token: string };

const shownOf = ({ refresh_token: token, ...rest }: RefreshGrant): Shown => ({ token, ...rest });

interface Connection {
  isOpen: boolean;
  isAuthenticated: boolean;
}

/** One session's row behind a line with weather, by the verdict table; sockets and HTTP in virtual time. */
export function createVirtualService(world: World, row: Row, weather: Weather): VirtualService {
  const verdicts: Outcome[] = [];
  const open = new Set<() => void>();
  let isCalm = false;
  const delay = (): number => Math.floor(weather.random() * weather.mostDelayMs);
  const hits = (share: number): boolean => !isCalm && weather.random() < share;

  const databaseNow = (): number => databaseAheadMs + world.now();
  const lateMs = ({ asked_at }: Shown): number =>
    asked_at !== undefined && hits(weather.lateShare) ? countsForMs + weather.random() * 85_000 : 0;

  const decide = ({ token, rotation_key, also_rotation_keys = [], asked_at = databaseNow() }: Shown): Outcome => {
    const { gen, tag } = claimsOf(token);
    const isLate = databaseNow() >= asked_at + countsForMs;
    const verdict = isLate
      ? 'late'
      : present(row, { gen, tag, keys: [rotation_key, ...also_rotation_keys] }, world.now());
    verdicts.push(verdict);
    return verdict;
  };
  const isAccepted = (verdict: Outcome): boolean => verdict === 'rotate' || verdict === 'replay';

  function createSocket(place: Place): Socket {
    const events = new EventEmitter();
    let connection: Connection | undefined;
    const leave = (reason: string): void => {
      if (connection === undefined) return;
      connection.isOpen = false;
      connection = undefined;
      events.emit('disconnect', reason);
    };
    /** The page notices sooner or later; at the latest when no ping comes. */
    const breakDown = (at: Connection): void => {
      if (!at.isOpen) return;
      at.isOpen = false;
      const after = weather.random() < 0.7 ? delay() : goneMs;
      world.at(after, () => place.reach(() => connection === at && leave('transport close')));
    };
    const travel = (at: Connection, arrive: () => void, moreMs = 0) => {
      if (hits(weather.lossShare)) return breakDown(at);
      world.at(delay() + moreMs, arrive);
    };
    const toPage = (at: Connection, arrive: () => void): void =>
      travel(at, () => place.reach(() => connection === at && arrive()));

    const authenticate = (at: Connection, shown: Shown) => {
      const verdict = decide(shown);
      const { gen } = row;
      const token = tokenOf(row);
      if (!at.isOpen) return;
      if (!isAccepted(verdict)) return refuse(at, codes[verdict]!);
      at.isAuthenticated = true;
      const payload = {
        ...grant,
        token,
        rotate_in: 900,
        user: { id: 'u', tenant_id: 't' },
        server_time: 0,
        now: databaseNow(),
      };
      const acknowledge = (): void => {
        if (at.isOpen) travel(at, () => confirm(row, gen, world.now()));
      };
      toPage(at, () => events.emit('authenticated', payload, acknowledge));
    };
    const refuse = (at: Connection, code: ErrorCode): void => {
      const retryable = isRetryable(code);
      const soon = code === 'busy' ? { retry_after_ms: Math.floor(weather.random() * 300) } : {};
      const refusal = { code, message: errors[code].message, retryable, now: databaseNow(), ...soon };
      toPage(at, () => events.emit('unauthorized', refusal));
      if (!retryable) world.at(weather.mostDelayMs, () => breakDown(at));
    };
    const refresh = (at: Connection, ack: (error: Error | null, answer?: unknown) => void): void => {
      if (at.isOpen) toPage(at, () => ack(null, { ok: at.isAuthenticated, data: grant }));
    };
    const emit = (event: string, payload: Shown, ack?: (error: Error | null, answer?: unknown) => void): void => {
      const at = connection;
      if (at === undefined || !at.isOpen) return;
      if (event === 'refresh' && ack !== undefined) travel(at, () => refresh(at, ack));
      if (event !== 'authenticate') return;
      if (hits(weather.duplicateShare)) world.at(delay() * 3, () => decide(payload));
      travel(at, () => authenticate(at, payload), lateMs(payload));
    };
    const connect = (): void => {
      const at: Connection = { isOpen: true, isAuthenticated: false };
      connection = undefined;
      pending = at;
      world.at(delay() + 1, () =>
        place.reach(() => {
          if (pending !== at) return;
          if (hits(weather.lossShare)) return void events.emit('connect_error', new Error('lost'));
          connection = at;
          open.add(() => breakDown(at));
          events.emit('connect');
        }),
      );
    };
    let pending: Connection | undefined;
    const { off } = events;
    const socket = {
      on: events.on.bind(events),
      sendBuffer: [],
      io: {},
      id: 'socket',
      get connected() {
        return connection !== undefined;
      },
      off: (...given: Parameters<typeof off> | []) =>
        given.length === 0 ? events.removeAllListeners() : off.apply(events, given),
      connect,
      disconnect() {
        pending = undefined;
        leave('io client disconnect');
      },
      emit,
      timeout: (ms: number) => ({
        emit(event: string, payload: Shown, ack: (error: Error | null, answer?: unknown) => void) {
          let isAnswered = false;
          const once = (error: Error | null, answer?: unknown): void => {
            if (isAnswered) return;
            isAnswered = true;
            ack(error, answer);
          };
          world.at(ms, () => place.reach(() => once(new Error('late'))));
          emit(event, payload, once);
        },
      }),
    };
    return socket as unknown as Socket;
  }
  return {
    verdicts,
    socketsOf: (place) => () => createSocket(place),
    fetchOf: (place) => (_input, init) =>
      new Promise((resolve, reject) => {
        const lose = (): void => world.at(delay(), () => place.reach(() => reject(new TypeError('lost'))));
        const answer = (body: object, status: number) => {
          if (hits(weather.lossShare)) return lose();
          world.at(delay(), () => place.reach(() => resolve(Response.json(body, { status }))));
        };
        const shown = shownOf(JSON.parse(String(init?.body)));
        if (hits(weather.lossShare)) return lose();
        world.at(delay() + lateMs(shown), () => {
          const verdict = decide(shown);
          const code = codes[verdict];
          const now = databaseNow();
          const granted = { access_token: 'access', expires_in: 300, refresh_token: tokenOf(row), now };
          if (code === undefined) answer(granted, 200);
          else answer({ code, now }, errors[code].status);
        });
      }),
    restart() {
      for (const breakDown of open) breakDown();
      open.clear();
    },
    calm() {
      isCalm = true;
    },
  };
}
