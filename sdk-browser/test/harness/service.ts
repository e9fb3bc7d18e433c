import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthenticatePayload, ErrorCode } from '@latchkey/contract';
import { errors, isRetryable } from '@latchkey/contract';
import { Server, type Socket } from 'socket.io';
import { boundAccessToken, faultOf, readableAccessToken, readProof } from './proofs.ts';
import { claimsOf, confirm, newRow, present, type Row, tokenOf } from './verdicts.ts';

/** What the test makes the service do to the next `authenticate`. */
type Fault = 'lose-request' | 'lose-answer' | { readonly refuse: ErrorCode; readonly retryAfterMs?: number };

/** The body of a request. */
export type Body = Readonly<Record<string, unknown>>;

/** An answer, or the code of a refusal. */
type Answer = readonly [status: number, body: object] | ErrorCode;

export interface Service {
  readonly url: string;
  readonly io: Server;
  readonly rows: Map<string, Row>;
  /** Every `authenticate` payload, in order. */
  readonly shown: AuthenticatePayload[];
  /** Every HTTP request as `POST /login`, in order. */
  readonly requests: string[];
  /** Event names received from clients. */
  readonly received: string[];
  readonly faults: Fault[];
  /** Refuse the next answers over HTTP with these codes. */
  readonly httpFaults: ErrorCode[];
  /** What further paths answer, by path, and in place of the paths below. */
  readonly answers: Map<string, (body: Body) => Answer>;
  /** Issues the code of a sign-in. */
  issueCode(body: Body): { readonly code: string; readonly expires_in: number };
  /** Claims of the user. */
  claims: Readonly<Record<string, unknown>>;
  readonly grant: { refreshIn: number; rotateIn: number; accessExpiresIn: number };
  readonly logout: { isAnsweredLate: boolean };
  /** From now on no WebSocket reaches the service. */
  refuseUpgrades(): void;
  end(sid: string, reason: string): void;
  stop(): Promise<void>;
}

interface Code {
  readonly sid: string;
  readonly challenge: string;
  readonly jkt?: string;
}

interface Presented {
  readonly code?: string;
  readonly token?: string;
  readonly verifier?: string;
  readonly keys: string[];
  /** Why the proof does not do for a row of this key. */
  readonly proofFault: (jkt: string) => ErrorCode | undefined;
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');
const httpNonce = 'nonce-of-the-service';

const verdictCodes = {
  superseded: 'rotation_superseded',
  contended: 'rotation_contended',
  reuse: 'token_reused',
  unknown: 'generation_unknown',
  key_reused: 'invalid_request',
  revoked: 'session_revoked',
} as const;

function wire(code: ErrorCode, retryAfterMs?: number) {
  return {
    code,
    message: errors[code].message,
    retryable: isRetryable(code),
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isForm = request.headers['content-type']?.includes('form') ?? false;
  return isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text || '{}');
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A small service with the protocol over the verdict table. The test injects faults. */
export async function startService(port = 0, rows = new Map<string, Row>()): Promise<Service> {
  const codes = new Map<string, Code>();
  const shown: AuthenticatePayload[] = [];
  const requests: string[] = [];
  const received: string[] = [];
  const faults: Fault[] = [];
  const httpFaults: ErrorCode[] = [];
  const answers = new Map<string, (body: Body) => Answer>();
  const grant = { refreshIn: 240, rotateIn: 900, accessExpiresIn: 300 };
  const logout = { isAnsweredLate: false };
  let minted = 0;
  const mint = (sid: string): string => {
    minted += 1;
    const jkt = rows.get(sid)?.jkt;
    return jkt === undefined ? `access.${sid}.${minted}` : boundAccessToken(sid, jkt, minted);
  };

  function issueCode(body: Body) {
    const code = `code-${randomUUID()}`;
    const jkt = body.dpop_jkt === undefined ? {} : { jkt: String(body.dpop_jkt) };
    codes.set(code, { sid: randomUUID(), challenge: String(body.code_challenge), ...jkt });
    return { code, expires_in: 30 };
  }

  function exchange({ keys, proofFault, ...given }: Presented) {
    const now = performance.now();
    if (given.code !== undefined) {
      const code = codes.get(given.code);
      const hash = createHash('sha256')
        .update(given.verifier ?? '')
        .digest('base64url');
      if (code === undefined) return { error: 'code_invalid' as const };
      if (code.challenge !== hash) return { error: 'pkce_mismatch' as const };
      const row = rows.get(code.sid);
      const fault = code.jkt === undefined ? undefined : proofFault(code.jkt);
      if (fault !== undefined) return { error: fault };
      if (row === undefined) {
        const made = newRow(code.sid, keys[0] ?? '', now);
        if (code.jkt !== undefined) made.jkt = code.jkt;
        rows.set(code.sid, made);
        return { row: made };
      }
      const verdict = present(row, { gen: 0, tag: '', keys }, now);
      return verdict === 'replay' ? { row } : { error: 'code_used' as const };
    }
    const claims = claimsOf(given.token ?? '');
    const row = rows.get(claims.sid);
    if (row === undefined) return { error: 'token_invalid' as const };
    const fault = row.jkt === undefined || row.revoked !== undefined ? undefined : proofFault(row.jkt);
    if (fault !== undefined) return { error: fault };
    const verdict = present(row, { gen: claims.gen, tag: claims.tag, keys }, now);
    return verdict === 'rotate' || verdict === 'replay' ? { row } : { error: verdictCodes[verdict], row };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    requests.push(`${request.method} ${path}`);
    const body = await readBody(request);
    const fault = httpFaults.shift();
    if (fault !== undefined) return answer(response, errors[fault].status, wire(fault));
    const given = answers.get(path)?.(body);
    if (typeof given === 'string') return answer(response, errors[given].status, wire(given));
    if (given !== undefined) return answer(response, ...given);
    if (path === '/login' || path === '/register') {
      if (body.password !== 'correct horse') return answer(response, 401, wire('invalid_credentials'));
      return answer(response, path === '/login' ? 200 : 201, issueCode(body));
    }
    if (path === '/oauth/token') {
      const keys = [String(body.rotation_key), ...((body.also_rotation_keys as string[] | undefined) ?? [])];
      const proof = await readProof(request.headers.dpop as string | undefined);
      if (proof !== undefined && proof.nonce !== httpNonce) {
        response.setHeader('dpop-nonce', httpNonce);
        return answer(response, 400, { error: 'use_dpop_nonce' });
      }
      const use = { htm: 'POST', htu: `${url}${path}` };
      const isCode = body.grant_type === 'authorization_code';
      const given = isCode
        ? { code: String(body.code), verifier: String(body.code_verifier) }
        : { token: String(body.refresh_token) };
      const result = exchange({ ...given, keys, proofFault: faultOf(proof, use) });
      if (result.error !== undefined) return answer(response, 400, { error: 'invalid_grant', code: result.error });
      return answer(response, 200, {
        access_token: isCode ? readableAccessToken(result.row) : mint(result.row.sid),
        token_type: 'Bearer',
        expires_in: grant.accessExpiresIn,
        refresh_token: tokenOf(result.row),
        session_id: result.row.sid,
      });
    }
    if (path === '/oauth/revoke') {
      end(claimsOf(String(body.token)).sid, 'logout');
      return answer(response, 200, {});
    }
    if (path === '/logout') {
      const [, sid = ''] = (request.headers.authorization ?? '').split('.');
      if (rows.get(sid)?.revoked !== undefined) return answer(response, 401, wire('unauthenticated'));
      end(sid, 'logout');
      return answer(response, 200, { ended: 1 });
    }
    answer(response, 404, wire('not_found'));
  }

  const http = createServer((request, response) => void handle(request, response));
  const io = new Server(http, { transports: ['websocket'], serveClient: false });

  function end(sid: string, reason: string, but?: Socket): void {
    const row = rows.get(sid);
    if (row !== undefined && row.revoked === undefined) row.revoked = reason;
    for (const socket of io.sockets.sockets.values()) {
      if (socket.data.sid !== sid || socket === but) continue;
      socket.emit('logged_out', { reason });
      socket.disconnect(true);
    }
  }

  function refuse(socket: Socket, code: ErrorCode, retryAfterMs?: number): void {
    socket.emit('unauthorized', wire(code, retryAfterMs));
    if (!isRetryable(code)) socket.disconnect();
  }

  async function authenticate(socket: Socket, payload: AuthenticatePayload & { code?: string; token?: string }) {
    shown.push(payload);
    const fault = faults.shift();
    if (fault === 'lose-request') return socket.conn.close();
    if (typeof fault === 'object') return refuse(socket, fault.refuse, fault.retryAfterMs);
    const keys = [payload.rotation_key ?? '', ...(payload.also_rotation_keys ?? [])];
    const { code, token, code_verifier: verifier = '' } = payload;
    const use = { htm: 'SOCKET', htu: url, nonce: hashOf((socket.conn as unknown as { id: string }).id) };
    const ath = hashOf(code ?? token ?? '');
    const proofFault = faultOf(await readProof(payload.proof), { ...use, ath });
    const given = code === undefined ? { token: token ?? '' } : { code };
    const result = exchange({ ...given, verifier, keys, proofFault });
    if (fault === 'lose-answer') return socket.conn.close();
    if (result.error !== undefined) {
      refuse(socket, result.error);
      if (result.row?.revoked !== undefined) end(result.row.sid, result.row.revoked);
      return;
    }
    welcome(socket, result.row);
  }

  function welcome(socket: Socket, row: Row): void {
    const { gen } = row;
    socket.data.sid = row.sid;
    const payload = {
      token: tokenOf(row),
      token_expires_in: 86_400,
      access_token: mint(row.sid),
      access_token_expires_in: grant.accessExpiresIn,
      refresh_in: grant.refreshIn,
      rotate_in: grant.rotateIn,
      session: { id: row.sid, expires_in: 86_400, idle_timeout_in: null },
      user: { id: 'u1', tenant_id: 't1', ...service.claims },
      server_time: 0,
    };
    socket.emit('authenticated', payload, () => confirm(row, gen, performance.now()));
  }

  /** What a proxy that lets no WebSocket pass answers. */
  const refuseUpgrades = (): void => {
    http.removeAllListeners('upgrade');
    http.on('upgrade', (_request, socket) => {
      socket.on('error', () => {}); // a client that has given up resets the connection
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    });
  };

  io.on('connection', (socket) => {
    socket.onAny((name: string) => received.push(name));
    socket.on('authenticate', (payload) => void authenticate(socket, payload));
    socket.on('refresh', (_payload, ack) => {
      const { sid } = socket.data;
      if (sid === undefined) return ack({ ok: false, error: wire('unauthenticated') });
      const { accessExpiresIn, refreshIn } = grant;
      const data = { access_token: mint(sid), access_token_expires_in: accessExpiresIn, refresh_in: refreshIn };
      ack({ ok: true, data });
    });
    socket.on('logout', ({ scope }, ack) => {
      const answer = (): void => ack({ ok: true, data: { ended: scope === 'all' ? 3 : 1 } });
      // Another tab may receive the end first, because events and answers have no order across connections.
      if (logout.isAnsweredLate) setTimeout(answer, 100);
      else answer();
      if (scope !== 'others') end(socket.data.sid, 'logout', logout.isAnsweredLate ? socket : undefined);
    });
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    http.closeAllConnections();
    await io.close();
  };
  const record = { rows, shown, requests, received };
  const claims: Service['claims'] = { name: 'Ada' };
  const controls = { faults, httpFaults, answers, issueCode, claims, grant, logout, refuseUpgrades, end, stop };
  const service: Service = { url, io, ...record, ...controls };
  return service;
}
