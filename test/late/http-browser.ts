import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, paths, type TokenResponse } from '@latchkey/contract';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import type { Dice } from '../storm/dice.ts';

type Answer = Partial<TokenResponse> & { readonly code?: ErrorCode };

/** Codes that end a session for its owner. */
const final: readonly (ErrorCode | undefined)[] = [
  'token_invalid',
  'token_reused',
  'generation_unknown',
  'session_revoked',
  'session_expired',
];

interface HttpBrowserOptions {
  readonly name: string;
  readonly dice: Dice;
  /** Nodes that requests go to, in whatever order the dice say. */
  readonly urls: readonly string[];
  /** Longest time that a copy of a presentation is on its way, in ms. */
  readonly longestDelayMs: number;
  count(what: string): void;
}

/** An honest browser that speaks the protocol over HTTP: one storage, several tabs, keys that are kept until they worked. */
export interface HttpBrowser {
  readonly sid: () => string;
  /** Why the session is over in this browser, if it is. */
  readonly signedOut: () => string | undefined;
  signUp(url: string): Promise<void>;
  /** Rotates again and again until the signal. */
  live(signal: AbortSignal): Promise<void>;
  /** True when one more rotation succeeds within the time. */
  rotates(withinMs: number): Promise<boolean>;
  /** Resolves when every delayed copy has arrived. */
  settled(): Promise<unknown>;
}

export function createHttpBrowser({ name, dice, urls, longestDelayMs, count }: HttpBrowserOptions): HttpBrowser {
  const patienceMs = 2_500;
  const delayed: Promise<unknown>[] = [];
  let stored = { token: '', generation: 0, keys: [] as string[] };
  let sid = '';
  let signedOut: string | undefined;
  /** The database's time at a moment of this process's monotonic clock. */
  let time = { now: 0, at: 0 };

  async function post(url: string, body: object): Promise<Answer | undefined> {
    try {
      const answer = await fetch(new URL(paths.oauthToken, url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patienceMs),
      });
      return (await answer.json()) as Answer;
    } catch {
      return undefined;
    }
  }

  function read(answer: Answer | undefined): void {
    if (answer?.now !== undefined) time = { now: answer.now, at: performance.now() };
    count(answer === undefined ? 'no answer' : (answer.code ?? 'rotated'));
    if (final.includes(answer?.code)) signedOut ??= `${name}: ${answer?.code}`;
    if (answer?.refresh_token !== undefined) store(answer.refresh_token);
  }

  function store(token: string): void {
    const { gen } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    if (gen > stored.generation) stored = { token, generation: gen, keys: [] };
  }

  /** What a tab shows: all stored keys, a new one first where there is none; it stays until it worked. */
  function presentation(): object {
    if (stored.keys.length === 0) stored.keys.push(newKey());
    const [rotation_key, ...also_rotation_keys] = stored.keys;
    const asked_at = Math.floor(time.now + performance.now() - time.at);
    return { grant_type: 'refresh_token', refresh_token: stored.token, rotation_key, also_rotation_keys, asked_at };
  }

  async function present(): Promise<void> {
    const body = presentation();
    if (dice.chance(0.3)) delay(body);
    read(await post(dice.pick(urls), body));
  }

  /** Somewhere on the way a copy waits. Its answer is not read. */
  function delay(body: object): void {
    const url = dice.pick(urls);
    const arrives = sleep(dice.between(0, longestDelayMs)).then(() => post(url, body));
    delayed.push(arrives.then((answer) => count(`delayed: ${answer?.code ?? (answer ? 'granted' : 'no answer')}`)));
  }

  return Object.freeze<HttpBrowser>({
    sid: () => sid,
    signedOut: () => signedOut,
    async signUp(url) {
      const { code, code_verifier } = await createPlainClient({ url }).register(
        `${name}@example.test`,
        'a quite long password',
      );
      const answer = await post(url, { grant_type: 'authorization_code', code, code_verifier, rotation_key: newKey() });
      if (answer?.session_id === undefined) throw new Error(`${name} could not sign in: ${answer?.code}`);
      sid = answer.session_id;
      read(answer);
    },
    async live(signal) {
      while (!signal.aborted && signedOut === undefined) {
        await present();
        await sleep(dice.between(300, 2_500), undefined, { signal }).catch(() => {});
      }
    },
    async rotates(withinMs) {
      const end = performance.now() + withinMs;
      const before = stored.generation;
      while (stored.generation === before && signedOut === undefined && performance.now() < end) {
        read(await post(dice.pick(urls), presentation()));
        await sleep(200);
      }
      return stored.generation > before;
    },
    settled: () => Promise.all(delayed),
  });
}
