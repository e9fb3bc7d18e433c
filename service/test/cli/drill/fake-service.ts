import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { paths } from '@latchkey/contract';
import { jwkThumbprint } from '@latchkey/core/internal';
import { Server, type Socket } from 'socket.io';
import { listen } from '../../../../test-kit/listen.ts';

/** What protects a session. A test takes one of them away, to see that the drill fails. */
export interface Protections {
  /** Another client that shows a replaced token ends the session. */
  detectsReuse: boolean;
  /** A repeated request with the same rotation key gets the same token. */
  repeatsAnswers: boolean;
  checksVerifier: boolean;
  /** A bound session needs a proof by its key. */
  checksProofs: boolean;
  /** A code that is shown once more ends the session. */
  detectsUsedCode: boolean;
  /** Access tokens of an ended session are refused. */
  revokesAccessTokens: boolean;
  /** An ended session gives no further token. */
  refusesEndedSessions: boolean;
  /** Open connections of an ended session get the reason. */
  notifies: boolean;
  /** Each session has tokens of its own. */
  separatesSessions: boolean;
  /** It says that it is in development. */
  isDevelopment: boolean;
}

const all: Protections = {
  detectsReuse: true,
  repeatsAnswers: true,
  checksVerifier: true,
  checksProofs: true,
  detectsUsedCode: true,
  revokesAccessTokens: true,
  refusesEndedSessions: true,
  notifies: true,
  separatesSessions: true,
  isDevelopment: true,
};

interface Session {
  readonly jkt: string | undefined;
  readonly id: string;
  readonly email: string;
  token: string;
  previous: string;
  key: string;
  reason: string | undefined;
  readonly sockets: Set<Socket>;
}

interface Code {
  readonly jkt: string | undefined;
  readonly email: string;
  readonly challenge: string;
  session: Session | undefined;
}

type Body = Readonly<Record<string, string | undefined>>;
type Result = { readonly session: Session } | { readonly code: string };

interface FakeService {
  readonly url: string;
  /** Addresses of the users that were not deleted. */
  readonly users: ReadonlySet<string>;
  close(): void;
}

const random = () => randomBytes(16).toString('base64url');

/**
 * A service of the public protocol in memory, without database and signatures, whose protections can be taken away.
 *
 * @example
 * const service = await startFakeService({ detectsReuse: false });
 */
export async function startFakeService(missing: Partial<Protections> = {}): Promise<FakeService> {
  const has = { ...all, ...missing };
  const users = new Set<string>();
  const codes = new Map<string, Code>();
  const sessions: Session[] = [];
  const accessTokens = new Map<string, Session>();
  const isOver = ({ reason }: Session) => reason !== undefined;

  function end(session: Session, reason: string): void {
    session.reason ??= reason;
    for (const socket of has.notifies ? session.sockets : []) socket.emit('logged_out', { reason });
  }

  /** Without a check of signatures: the key of the proof is enough to tell who shows it. */
  function isProved(jkt: string | undefined, { proof = '' }: Body): boolean {
    if (jkt === undefined || !has.checksProofs) return true;
    const { jwk } = JSON.parse(Buffer.from(proof.split('.')[0]!, 'base64url').toString() || '{}') as { jwk?: never };
    return jwk !== undefined && jwkThumbprint(jwk) === jkt;
  }

  function redeem(code: Code, body: Body): Result {
    const verified =
      createHash('sha256')
        .update(body.code_verifier ?? '')
        .digest('base64url') === code.challenge;
    if (has.checksVerifier && !verified) return { code: 'pkce_mismatch' };
    if (code.session !== undefined && has.detectsUsedCode) {
      end(code.session, 'code_used');
      return { code: 'code_used' };
    }
    const token = has.separatesSessions ? random() : 'shared';
    const session = {
      id: randomUUID(),
      ...{ email: code.email, jkt: code.jkt },
      token,
      previous: '',
      key: '',
      reason: undefined,
      sockets: new Set<Socket>(),
    };
    sessions.push(session);
    code.session = session;
    return { session };
  }

  function rotate(token: string, body: Body): Result {
    const { rotation_key: key } = body;
    const session = sessions.find((one) => [one.token, one.previous].includes(token));
    if (session === undefined) return { code: 'token_invalid' };
    if (!isProved(session.jkt, body)) return { code: 'proof_required' };
    if (isOver(session) && has.refusesEndedSessions) return { code: 'session_revoked' };
    const isRepeated = session.previous === token && session.key === key && has.repeatsAnswers;
    if (session.previous === token && !isRepeated && has.detectsReuse) {
      end(session, 'token_reused');
      return { code: 'token_reused' };
    }
    if (isRepeated) return { session };
    session.previous = token;
    session.token = has.separatesSessions ? random() : 'shared';
    session.key = key ?? '';
    return { session };
  }

  function exchange(body: Body): Result {
    const credential = body.code ?? body.token ?? body.refresh_token ?? '';
    const code = codes.get(credential);
    return code === undefined ? rotate(credential, body) : redeem(code, body);
  }

  function accessTokenOf(session: Session): string {
    const token = random();
    accessTokens.set(token, session);
    return token;
  }

  function issueCode({ email = '', code_challenge: challenge = '', dpop_jkt: jkt }: Body): object {
    users.add(email);
    const code = random();
    codes.set(code, { email, challenge, jkt, session: undefined });
    return { code, expires_in: 30 };
  }

  function answer(method: string, path: string, body: Body, bearer: string): readonly [number, object] {
    const caller = accessTokens.get(bearer);
    const isCallerValid = caller !== undefined && !(isOver(caller) && has.revokesAccessTokens);
    switch (`${method} ${path}`) {
      case `GET ${paths.metadata}`:
        return [200, { issuer: 'http://fake.test', ...(has.isDevelopment ? { latchkey_development: true } : {}) }];
      case `POST ${paths.register}`:
      case `POST ${paths.login}`:
        return [200, issueCode(body)];
      case `POST ${paths.oauthToken}`: {
        const result = exchange(body);
        if ('code' in result) return [400, { code: result.code }];
        return [200, { access_token: accessTokenOf(result.session), refresh_token: result.session.token }];
      }
      case `POST ${paths.oauthRevoke}`: {
        const found = sessions.find(({ token, previous }) => [token, previous].includes(body.token ?? ''));
        if (found !== undefined) end(found, 'logout');
        return [200, {}];
      }
      case `GET ${paths.me}`:
        return isCallerValid ? [200, {}] : [401, { code: 'unauthenticated' }];
      case `DELETE ${paths.me}`:
        if (caller !== undefined) users.delete(caller.email);
        return isCallerValid ? [200, {}] : [401, { code: 'unauthenticated' }];
      default:
        return [404, { code: 'not_found' }];
    }
  }

  const server = createServer(async (request: IncomingMessage, response) => {
    const { method = '', url = '' } = request;
    if (url.startsWith('/socket.io/')) return;
    const body = method === 'POST' ? ((await json(request)) as Body) : {};
    const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const [status, answered] = answer(method, url, body, bearer);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
  });
  const io = new Server(server);
  io.on('connection', (socket) => {
    let session: Session | undefined;
    socket.on('authenticate', (body: Body) => {
      const result = exchange(body);
      if ('code' in result) return void socket.emit('unauthorized', { code: result.code });
      session = result.session;
      session.sockets.add(socket);
      const grant = { token: session.token, access_token: accessTokenOf(session) };
      socket.emit('authenticated', grant, () => {});
    });
    socket.on('refresh', (_: unknown, acknowledge: (answer: object) => void) => {
      if (session === undefined || isOver(session))
        return acknowledge({ ok: false, error: { code: 'unauthenticated' } });
      acknowledge({ ok: true, data: { access_token: accessTokenOf(session) } });
    });
  });
  const url = await listen(server);
  function close(): void {
    void io.close();
    server.closeAllConnections();
  }
  return { url, users, close };
}
