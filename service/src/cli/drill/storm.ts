import { openSession, presentUntilFinal } from './browser.ts';
import { newRotationKey } from './client-secrets.ts';
import type { Drill, DrillContext } from './drill.ts';

/** Below the default number of sessions that a user may have. */
const sessionsPerUser = 10;
/** Sign-ins at once: each costs a hash of a password. */
const signInsAtOnce = 4;

/** Every connection is lost at the same time, and all browsers return at once. */
export const storm: Drill = {
  name: 'storm',
  description: 'All connections are lost at once, and every browser returns at the same time, some of them twice.',
  async run(context) {
    const { instance, sessions, done, expect } = context;
    const tokens = await signInMany(context);
    done(`${sessions} sessions are signed in, and all of their connections are lost at once`);

    const startedAt = instance.clock.monotonic();
    const results = await Promise.all(tokens.map((token, index) => comeBack(context, token, index % 3 === 0)));
    const times = results.map(({ at }) => at - startedAt).sort((left, right) => left - right);
    const refused = results.flatMap(({ code }) => code ?? []);
    done(
      `half of them were back after ${Math.round(times[times.length >> 1] ?? 0)} ms, the last one after ${Math.round(times.at(-1) ?? 0)} ms`,
    );
    expect('every browser is signed in again', refused.length === 0, summarize(refused, sessions));
    const next = results.flatMap(({ token }) => token ?? []);
    const isNew = new Set([...tokens, ...next]).size === tokens.length + next.length;
    expect(
      'each of them has a new token of its own',
      isNew && next.length === sessions,
      `${new Set(next).size} tokens`,
    );
  },
};

const summarize = (refused: readonly string[], sessions: number) =>
  refused.length === 0
    ? `${sessions} of ${sessions}`
    : `${refused.length} are refused: ${[...new Set(refused)].join(', ')}`;

async function signInMany({ instance, sessions }: DrillContext): Promise<readonly string[]> {
  const tokens: string[] = [];
  while (tokens.length < sessions) {
    const user = await instance.register();
    const count = Math.min(sessionsPerUser, sessions - tokens.length);
    for (let made = 0; made < count; made += signInsAtOnce) {
      const batch = Array.from({ length: Math.min(signInsAtOnce, count - made) }, async () => {
        const { browser, grant } = await openSession(instance, await user.login());
        browser.close();
        return grant.token;
      });
      tokens.push(...(await Promise.all(batch)));
    }
  }
  return tokens;
}

interface Return {
  readonly at: number;
  readonly code: string | undefined;
  readonly token: string | undefined;
}

/** @param twice the first answer is not stored, and the request is repeated */
async function comeBack({ instance }: DrillContext, token: string, twice: boolean): Promise<Return> {
  const credential = { token, rotation_key: newRotationKey() };
  if (twice) (await presentUntilFinal(instance, credential)).browser.close();
  const outcome = await presentUntilFinal(instance, credential);
  if (outcome.grant !== undefined) outcome.acknowledge();
  const result = { at: instance.clock.monotonic(), code: outcome.code, token: outcome.grant?.token };
  outcome.browser.close();
  return result;
}
