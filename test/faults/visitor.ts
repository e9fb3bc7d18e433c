import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, isErrorCode, paths, type TokenResponse } from '@latchkey/contract';
import { createPlainClient, newKey, type PlainClient } from '../../test-kit/client/plain-client.ts';
import { type History, read } from '../storm/history.ts';

/** A node, or a way to it. */
export interface Place {
  readonly url: string;
}

/** What came of showing a token once: the next one, a refusal, or no answer at all. */
export type Attempt = 'rotated' | 'lost' | ErrorCode;

/** One browser without an SDK: it shows its token with one key a generation until it holds the next token. */
export interface Visitor {
  readonly sid: string;
  readonly token: string;
  readonly accessToken: string;
  /** The key that goes with the token now; another one with each generation. */
  readonly key: string;
  /** The service gave this token and the browser lost it. */
  hear(token: string): void;
  /** Shows the token once, over HTTP. */
  attempt(place: Place): Promise<Attempt>;
  /** Shows the token to one place after the other until it has the next; resolves with what came before. */
  rotate(places: readonly Place[], withinMs?: number): Promise<Attempt[]>;
  /** Ends the session; true once the service has confirmed it. */
  leave(place: Place): Promise<boolean>;
}

interface Company {
  readonly history: History;
  readonly name: string;
}

/** Longer than any answer may take, so that a node that hangs is seen to. */
const patienceMs = 8_000;
/** Of the services: passwords cost next to nothing, and only trouble is logged. */
export const faultEnv = {
  LATCHKEY_PUBLIC_URL: 'http://latchkey.test',
  LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168',
  LOG_LEVEL: 'warn',
};

const password = 'correct horse battery';

/** Signs a user up at `place` and redeems the code there. */
export async function welcomeVisitor(place: Place, { history, name }: Company): Promise<Visitor> {
  const client = createPlainClient(place);
  const { code, code_verifier } = await client.register(`${name}@example.test`, password);
  const grant = { grant_type: 'authorization_code', code, code_verifier, rotation_key: newKey() };
  const { body } = await client.request<TokenResponse>('POST', paths.oauthToken, grant);
  return createVisitor(body, history);
}

/** Several at once, named `names0`, `names1`, … */
export function welcomeVisitors(size: number, place: Place, history: History, names: string): Promise<Visitor[]> {
  return Promise.all(Array.from({ length: size }, (_, i) => welcomeVisitor(place, { history, name: `${names}${i}` })));
}

function createVisitor(first: TokenResponse, history: History): Visitor {
  const { sid } = read(first.refresh_token);
  let { refresh_token: token, access_token: accessToken } = first;
  let key = newKey();
  history.granted(token);
  const hear = (next: string): void => history.granted(next, token);
  const take = (next: string): void => {
    hear(next);
    if (read(next).gen <= read(token).gen) return;
    token = next;
    key = newKey();
  };
  const attempt = async (place: Place): Promise<Attempt> => {
    const grant = { grant_type: 'refresh_token', refresh_token: token, rotation_key: key };
    const answer = await post<TokenResponse>(place, paths.oauthToken, grant);
    if (answer === undefined) return 'lost';
    if (typeof answer === 'string') {
      history.refused(answer);
      return answer;
    }
    accessToken = answer.access_token;
    take(answer.refresh_token);
    return 'rotated';
  };
  return Object.freeze<Visitor>({
    sid,
    get token() {
      return token;
    },
    get accessToken() {
      return accessToken;
    },
    get key() {
      return key;
    },
    hear,
    attempt,
    async rotate(places, withinMs = 10_000) {
      const before: Attempt[] = [];
      const end = performance.now() + withinMs;
      for (let turn = 0; ; turn++) {
        const result = await attempt(places[turn % places.length] as Place);
        if (result === 'rotated') return before;
        before.push(result);
        if (performance.now() > end) throw new Error(`no next token: ${before.join(' ')}`);
        await sleep(50);
      }
    },
    leave: async (place) => typeof (await post(place, paths.logout, {}, accessToken)) === 'object',
  });
}

/** The answer, the code of a refusal, or nothing when the line broke. */
async function post<Answer extends object>(
  place: Place,
  path: string,
  body: object,
  bearer?: string,
): Promise<Answer | ErrorCode | undefined> {
  const client: PlainClient = createPlainClient(place);
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const asked = client.request<Answer & { code?: unknown }>('POST', path, body, headers).catch(() => undefined);
  const answer = await Promise.race([asked, sleep(patienceMs, undefined, { ref: false })]);
  if (answer === undefined || answer.status < 300) return answer?.body;
  return isErrorCode(answer.body.code) ? answer.body.code : 'internal_error';
}
