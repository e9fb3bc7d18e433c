import { randomBytes } from 'node:crypto';
import { type CodeResponse, paths, type TokenResponse } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { describeConnectionError } from '../connection-error.ts';
import { type HttpResponse, sendRequest } from '../http-request.ts';
import { parseObject } from '../parse-object.ts';
import { newPkce } from './client-secrets.ts';
import { DrillError } from './drill-error.ts';
import { pause } from './waiting.ts';

const retryForMs = 15_000;

/** A response of the service. `code` is that of a refusal. */
interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A code with the verifier that redeems it. */
interface Login {
  readonly code: string;
  readonly code_verifier: string;
}

/** A user that a drill has made. */
interface DrillUser {
  readonly email: string;
  readonly password: string;
  /** Signs in, up to the code. @param thumbprint of the key that the session is bound to @throws DrillError */
  readonly login: (thumbprint?: string) => Promise<Login>;
}

/** The instance that a drill runs against, by its public HTTP API. */
export interface Instance {
  readonly url: string;
  readonly clock: Clock;
  /** Sends one request. Resolves for every status. @throws DrillError no answer arrived */
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Answer>;
  /** Registers a user with a random address of `.test` (RFC 2606) and a random password. @throws DrillError */
  readonly register: () => Promise<DrillUser>;
  /** Deletes the users that were registered. Returns the addresses of those that could not be. */
  readonly removeUsers: () => Promise<readonly string[]>;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly accessToken?: string;
}

/**
 * @param tenant of the users. Absent: `default`
 * @example
 * const instance = createInstance('http://localhost:4000', { clock });
 * const user = await instance.register();
 */
export function createInstance(
  url: string,
  { clock, tenant }: { readonly clock: Clock; readonly tenant?: string | undefined },
): Instance {
  const users: DrillUser[] = [];
  const registrations: Promise<void>[] = [];
  let isOver = false;

  async function request(method: string, path: string, { body, accessToken }: RequestOptions = {}): Promise<Answer> {
    const headers = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
    try {
      return toAnswer(await sendRequest(`${url}${path}`, { method, headers, body }));
    } catch (error) {
      throw new DrillError(`${method} ${url}${path} got no answer: ${describeConnectionError(error)}`);
    }
  }

  /** Repeats a request that may be repeated, for some seconds. @throws DrillError it is refused */
  async function succeed(method: string, path: string, options: RequestOptions = {}): Promise<Answer['body']> {
    const until = clock.monotonic() + retryForMs;
    for (;;) {
      const { status, code, body } = await request(method, path, options);
      if (code === undefined) return body;
      const isRetryable = status === 503 || status === 429;
      const waitMs = Number(body.retry_after_ms ?? 500);
      if (!isRetryable || clock.monotonic() + waitMs > until)
        throw new DrillError(`${method} ${path} is refused: ${describe(code, body)}`);
      await pause(clock, waitMs);
    }
  }

  async function signIn(path: string, credentials: object): Promise<Login> {
    const { verifier, challenge } = newPkce();
    const body = { ...credentials, code_challenge: challenge, code_challenge_method: 'S256' };
    const answer = (await succeed('POST', path, { body })) as unknown as CodeResponse;
    if (!('code' in answer))
      throw new DrillError('users of this tenant have to verify their address: name another tenant by --tenant');
    return { code: answer.code, code_verifier: verifier };
  }

  async function register(): Promise<DrillUser> {
    const email = `drill-${randomBytes(8).toString('hex')}@example.test`;
    const password = randomBytes(24).toString('base64url');
    const credentials = { email, password, ...(tenant === undefined ? {} : { tenant }) };
    if (isOver) throw new DrillError('the drill is over');
    const user = Object.freeze<DrillUser>({
      email,
      password,
      login: (jkt) => signIn(paths.login, jkt === undefined ? credentials : { ...credentials, dpop_jkt: jkt }),
    });
    const registration = signIn(paths.register, credentials).then(() => void users.push(user));
    registrations.push(registration);
    await registration;
    return user;
  }

  async function remove({ login }: DrillUser): Promise<void> {
    const { code, code_verifier } = await login();
    const body = { grant_type: 'authorization_code', code, code_verifier };
    const { access_token } = (await succeed('POST', paths.oauthToken, { body })) as unknown as TokenResponse;
    await succeed('DELETE', paths.me, { accessToken: access_token });
  }

  async function removeUsers(): Promise<readonly string[]> {
    isOver = true;
    // A drill that was interrupted has some under way.
    await Promise.allSettled(registrations);
    const left: string[] = [];
    for (const user of users.splice(0)) await remove(user).catch(() => left.push(user.email));
    return left;
  }

  return Object.freeze<Instance>({ url, clock, request, register, removeUsers });
}

function describe(code: string, { detail }: Answer['body']): string {
  return typeof detail === 'string' ? `${code} (${detail})` : code;
}

function toAnswer({ status, body: text }: HttpResponse): Answer {
  const body = parseObject(text) ?? {};
  const isRefused = status < 200 || status > 299;
  return { status, body, code: isRefused ? String(body.code ?? status) : undefined };
}
