import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CodeResponse, paths } from '@latchkey/contract';
import { assertDocumented } from '../documented-answers.ts';
import { createSecrets, type Secrets } from '../node/secrets.ts';
import { openPlainSocket, type PlainSocket, type PlainSocketOptions } from './plain-socket.ts';

export interface PlainClientOptions {
  /** The service. */
  readonly url: string;
  /** Where the socket goes, when that is another server (an app, a proxy). */
  readonly socketUrl?: string;
  /** Collects what this client uses; one collection may serve many clients. */
  readonly secrets?: Secrets;
}

/** A code with the verifier that redeems it; both together are what `authenticate` wants. */
export interface Login {
  readonly code: string;
  readonly code_verifier: string;
}

interface HttpAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A client made of socket.io-client and fetch alone, as another implementation would be. */
export interface PlainClient {
  readonly secrets: Secrets;
  register(email: string, password: string, more?: object): Promise<Login>;
  login(email: string, password: string, more?: object): Promise<Login>;
  /** JSON there and back; any status. A string body is sent as it is. */
  request<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer<T>>;
  /** Opens a socket and waits until it is connected. */
  connect(options?: PlainSocketOptions): Promise<PlainSocket>;
  /** Closes every socket that this client opened. */
  close(): void;
}

/** A new rotation key: 16 random bytes as base64url. */
export function newKey(): string {
  return randomBytes(16).toString('base64url');
}

/** A verifier and its challenge (RFC 7636, S256). */
export function newPkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/**
 * Makes a plain client.
 *
 * @example
 * const client = createPlainClient({ url: service.url });
 * const login = await client.register('ann@example.test', 'correct horse battery');
 * const socket = await client.connect();
 * const { payload } = await socket.authenticate({ ...login, rotation_key: newKey() });
 */
export function createPlainClient(options: PlainClientOptions): PlainClient {
  const secrets = options.secrets ?? createSecrets();
  const sockets = new Set<PlainSocket>();
  const request: PlainClient['request'] = async <T>(method: string, path: string, body?: unknown, headers = {}) => {
    secrets.addAll(body);
    const answer = await fetch(new URL(path, options.url), {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const parsed = parse(await answer.text());
    assertDocumented({ method, path, status: answer.status, body: parsed });
    return { status: answer.status, headers: answer.headers, body: secrets.addAll(parsed) as T };
  };
  const signIn = async (path: string, email: string, password: string, more: object = {}): Promise<Login> => {
    const { verifier, challenge } = newPkce();
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const post = () => request<CodeResponse>('POST', path, { email, password, ...pkce, ...more });
    const until = performance.now() + lateForMs;
    let answer = await post();
    while (isLate(answer.body) && performance.now() < until) {
      await sleep(answer.body.retry_after_ms);
      answer = await post();
    }
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return { code: codeOf(answer.body), code_verifier: secrets.add('code_verifier', verifier) };
  };
  return Object.freeze<PlainClient>({
    secrets,
    request,
    register: (email, password, more) => signIn(paths.register, email, password, more),
    login: (email, password, more) => signIn(paths.login, email, password, more),
    async connect(socketOptions = {}) {
      const socket = openPlainSocket(options.socketUrl ?? options.url, socketOptions, secrets);
      sockets.add(socket);
      await socket.next('connect', 5_000);
      return socket;
    },
    close() {
      for (const socket of sockets) socket.close();
      sockets.clear();
    },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A service that was suspended refuses requests of unknown age for 5 s. */
const lateForMs = 8_000;

/** Whether the request was refused because it may have waited too long. It has changed nothing, and a client sends it again. */
function isLate(answer: unknown): answer is { retry_after_ms: number } {
  return typeof answer === 'object' && answer !== null && 'detail' in answer && answer.detail === 'late';
}

function codeOf(answer: CodeResponse): string {
  if ('code' in answer) return answer.code;
  return new URLSearchParams(new URL(answer.url).hash.slice(1)).get('code') ?? '';
}
