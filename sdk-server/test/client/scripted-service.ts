import { createServer, type ServerResponse } from 'node:http';
import {
  type BackendGrant,
  backendNamespace,
  type RevocationBatch,
  type RevocationEntry,
  type UserSessionState,
  type WireError,
} from '@latchkey/contract';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { Server, type Socket } from 'socket.io';
import { listen, portOf } from '../../../test-kit/listen.ts';

type Ack = (answer: unknown) => void;

/** Ids as the service makes them. */
export const userId = '0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55';
export const sessionId = '5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11';

/** What an exchange answers. */
export const grant: BackendGrant = {
  access_token: 'access',
  access_token_expires_in: 300,
  refresh_in: 240,
  expires_in: 43_200,
  idle_expires_in: null,
  sid: sessionId,
  user_id: userId,
  tenant_id: 'tenant-1',
  generation: 2,
  token: 'next',
  rotate_in: 900,
  idle_timeout_in: null,
  claims: { role: 'teller' },
  server_time: 1,
};

/** The service's side of the contract, as a test scripts it. */
export interface ScriptedService {
  readonly url: string;
  readonly port: number;
  /** Every call of backends, in order. */
  readonly asked: { readonly name: string; readonly payload: unknown }[];
  /** Payloads of one call. */
  of(name: string): unknown[];
  /** Answers to calls; absent: `{ ok: true, data: null }`. `undefined` from one: no answer, unless it gives one itself. */
  readonly answers: Record<string, (payload: unknown, ack?: Ack) => unknown>;
  /** How a subscription is answered when the test says nothing else. */
  subscribe(payload: unknown): unknown;
  /** How a page of presence is answered when the test says nothing else. */
  listPresence(payload: unknown): unknown;
  /** Answers of the key set; replaced to break it. */
  jwks: (response: ServerResponse) => void;
  jwksFetches(): number;
  readonly handshakes: unknown[];
  /** Sessions with sockets, as the list of presence answers them. */
  userSessions: readonly UserSessionState[];
  /** Number of the last change of a tenant's limits. */
  tenantsSeq: number;
  /** Age of the service's own reading of the list, in milliseconds. */
  revocationAgeMs: number;
  /** Entries in one answer; longer lists come in parts. */
  partLength: number;
  /** What its access tokens name. `undefined`: a version that does not send it. */
  names: { readonly issuer: string; readonly audience: string } | undefined;
  /** The time of its database. `undefined`: a version that does not send it. */
  now: (() => number) | undefined;
  /** Refuses handshakes while set; an object is the error of the table, as the service sends it. */
  refusal: string | WireError | undefined;
  /** Ends sessions; backends hear of it unless the news is withheld. */
  end(sids: readonly string[], options?: { told?: boolean }): void;
  /** Pushes to every backend. */
  push(name: string, payload: unknown): void;
  heartbeat(): void;
  /** A restored database: numbers start again. */
  newEpoch(): void;
  seq(): number;
  /** Loses all connections; backends come back by themselves. */
  cut(): void;
  token(claims?: JWTPayload, header?: { kid?: string; typ?: string }): Promise<string>;
  /** Makes a new signing key, published or not. */
  newKey(kid: string, options: { published: boolean }): Promise<void>;
  /** The key set holds the key no longer. */
  takeBack(kid: string): void;
  stop(): Promise<void>;
}

export async function startScriptedService(): Promise<ScriptedService> {
  const http = createServer((_request, response) => {
    fetches += 1;
    service.jwks(response);
  });
  const io = new Server(http, { transports: ['websocket'] });
  const backends = io.of(backendNamespace);
  const asked: ScriptedService['asked'] = [];
  const keys = new Map<string, CryptoKey>();
  let published: { readonly kid: string; readonly [member: string]: unknown }[] = [];
  let entries: RevocationEntry[] = [];
  let epoch = 1;
  let fetches = 0;
  let currentKid = '';

  const head = () => ({ epoch: `e${epoch}`, seq: entries.length });
  const time = () => ({ now: service.now?.() });
  const untilOf = () => (service.now === undefined ? {} : { until: service.now() + 377_000 });
  const batch = (kind: RevocationBatch['kind'], from: number): RevocationBatch => ({
    ...head(),
    kind,
    entries: entries.slice(from),
  });

  function subscribe({ part = 0, ...from }: { epoch?: string; seq?: number; part?: number }) {
    const isKnown = from.epoch === head().epoch && from.seq !== undefined;
    const whole = isKnown ? batch('delta', from.seq!) : batch('snapshot', 0);
    const parts = Math.ceil(Math.max(1, whole.entries.length) / service.partLength);
    const begin = part * service.partLength;
    const feed = { ...whole, part, parts, entries: whole.entries.slice(begin, begin + service.partLength) };
    if (part < parts - 1) return { ok: true, data: { feed } };
    const { tenantsSeq: tenants_seq, revocationAgeMs: feed_age_ms } = service;
    return { ok: true, data: { feed, feed_age_ms, tenants_seq, ...time(), ...service.names } };
  }

  let listed = 0;

  function listPresence({ first = false }: { first?: boolean }) {
    if (first) listed = 0;
    const user_sessions = service.userSessions.slice(listed, listed + service.partLength);
    listed += service.partLength;
    return { ok: true, data: { user_sessions, more: listed < service.userSessions.length } };
  }

  function answerOf(name: string, payload: unknown) {
    if (name === 'subscribe') return service.subscribe(payload);
    return name === 'presence_list' ? service.listPresence(payload) : { ok: true, data: null };
  }

  async function newKey(kid: string, options: { published: boolean }): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    keys.set(kid, privateKey);
    currentKid = kid;
    if (options.published) published.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' });
  }

  backends.use((socket, next) => {
    service.handshakes.push(socket.handshake.auth);
    const { refusal } = service;
    if (typeof refusal === 'object') next(Object.assign(new Error(refusal.message), { data: refusal }));
    else next(refusal === undefined ? undefined : new Error(refusal));
  });
  backends.on('connection', (socket: Socket) => {
    socket.onAny((name: string, payload: unknown, ack?: Ack) => {
      asked.push({ name, payload });
      const answer = service.answers[name] ? service.answers[name](payload, ack) : answerOf(name, payload);
      if (answer !== undefined) ack?.(answer);
    });
  });

  await newKey('k1', { published: true });
  await listen(http);
  const port = portOf(http);
  const url = `http://127.0.0.1:${port}`;

  const service: ScriptedService = {
    url,
    port,
    asked,
    of: (name) => asked.filter((call) => call.name === name).map((call) => call.payload),
    answers: {},
    subscribe: (payload) => subscribe(payload as object),
    listPresence: (payload) => listPresence(payload as object),
    jwks: (response) => response.end(JSON.stringify({ keys: published })),
    jwksFetches: () => fetches,
    handshakes: [],
    userSessions: [],
    tenantsSeq: 7,
    revocationAgeMs: 0,
    partLength: 2_000,
    names: { issuer: url, audience: url },
    now: Date.now,
    refusal: undefined,
    end(sids, { told = true } = {}) {
      const from = entries.length;
      for (const sid of sids)
        entries.push({ seq: entries.length + 1, sid, reason: 'logout', keep_in: 377, ...untilOf() });
      if (told) backends.emit('blacklist', batch('delta', from));
    },
    push: (name, payload) => void backends.emit(name, payload),
    heartbeat: () => void backends.emit('heartbeat', { ...head(), ...time() }),
    newEpoch() {
      epoch += 1;
      entries = [];
    },
    seq: () => entries.length,
    cut() {
      for (const socket of backends.sockets.values()) socket.conn.close();
    },
    token(claims = {}, { kid = currentKid, typ = 'at+jwt' } = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const { issuer, audience } = service.names ?? { issuer: url, audience: url };
      const all = { ...claimsOf(now), iss: issuer, aud: audience, ...claims };
      return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(keys.get(kid)!);
    },
    newKey,
    takeBack(kid) {
      published = published.filter((key) => key.kid !== kid);
    },
    async stop() {
      await io.close();
    },
  };
  return service;
}

function claimsOf(now: number): JWTPayload {
  return {
    sub: userId,
    iat: now,
    exp: now + 300,
    jti: 'j1',
    client_id: 'latchkey',
    sid: sessionId,
    tid: 'tenant-1',
    auth_time: now,
    amr: ['pwd'],
  };
}
