import { randomInt } from 'node:crypto';
import { paths } from '@latchkey/contract';
import { openSession, type SignedIn } from './browser.ts';
import { newRotationKey } from './client-secrets.ts';
import type { Drill, DrillContext } from './drill.ts';
import { isRefused } from './token-theft.ts';
import { pause } from './waiting.ts';

/** Refreshes under way when the session ends, each on its own connection. */
const concurrent = 6;
const maxDelayMs = 15;

/** A session ends while its tokens are being renewed. */
export const revokeDuringRefresh: Drill = {
  name: 'revoke-during-refresh',
  description: 'A session is ended while access tokens and session tokens of it are being renewed.',
  async run(context) {
    const { instance, rounds, revocationMs, done, expect } = context;
    const user = await instance.register();
    const results: RoundResult[] = [];
    for (let round = 0; round < rounds; round++)
      results.push(await endDuringRefresh(context, await openSession(instance, await user.login())));
    const sum = (pick: (result: RoundResult) => number) => results.reduce((total, result) => total + pick(result), 0);
    const issued = sum(({ accessTokens }) => accessTokens);
    done(
      `${rounds} sessions were ended while ${concurrent + 1} renewals of each were under way; ${issued} access tokens were issued`,
    );
    const alive = sum(({ alive: count }) => count);
    expect(
      `every access token of an ended session is refused within ${revocationMs / 1_000} s`,
      alive === 0,
      `${alive} are accepted`,
    );
    const renewed = sum(({ renewed: count }) => count);
    expect('no session token of an ended session can be renewed', renewed === 0, `${renewed} were renewed`);
    const notified = sum(({ isNotified }) => (isNotified ? 1 : 0));
    expect('the open connection of each session gets the reason', notified === rounds, `${notified} of ${rounds}`);
  },
};

interface RoundResult {
  readonly accessTokens: number;
  /** Access tokens that are accepted after the end. */
  readonly alive: number;
  /** Session tokens that could be renewed after the end. */
  readonly renewed: number;
  readonly isNotified: boolean;
}

async function endDuringRefresh(
  { instance, revocationMs }: DrillContext,
  { browser, grant }: SignedIn,
): Promise<RoundResult> {
  const rotation = { grant_type: 'refresh_token', refresh_token: grant.token, rotation_key: newRotationKey() };
  const renewals = [
    ...Array.from({ length: concurrent }, () => browser.refresh()),
    instance.request('POST', paths.oauthToken, { body: rotation }).then(({ body }) => ({
      ...(typeof body.access_token === 'string' ? { accessToken: body.access_token } : {}),
      ...(typeof body.refresh_token === 'string' ? { token: body.refresh_token } : {}),
    })),
  ];
  const answered = Promise.all(renewals);
  // Awaited below. A rejection before that must not end the process.
  answered.catch(() => {});
  await pause(instance.clock, randomInt(maxDelayMs));
  await instance.request('POST', paths.oauthRevoke, { body: { token: grant.token } });
  const reason = await browser.loggedOut(revocationMs);
  const answers = await answered;
  browser.close();

  const accessTokens = [
    grant.access_token,
    ...answers.flatMap((answer) => ('accessToken' in answer ? answer.accessToken : [])),
  ];
  const refused = await Promise.all(accessTokens.map((token) => isRefused(instance, token, revocationMs)));
  const tokens = [grant.token, ...answers.flatMap((answer) => ('token' in answer ? answer.token : []))];
  const shown = await Promise.all(
    tokens.map((token) =>
      instance.request('POST', paths.oauthToken, {
        body: { grant_type: 'refresh_token', refresh_token: token, rotation_key: newRotationKey() },
      }),
    ),
  );
  return {
    accessTokens: accessTokens.length,
    alive: refused.filter((isOver) => !isOver).length,
    renewed: shown.filter(({ code }) => code === undefined).length,
    isNotified: reason !== undefined,
  };
}
