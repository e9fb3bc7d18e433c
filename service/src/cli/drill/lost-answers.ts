import { randomInt } from 'node:crypto';
import { paths, type TokenResponse } from '@latchkey/contract';
import { openBrowser, openSession, presentUntilFinal } from './browser.ts';
import { newRotationKey } from './client-secrets.ts';
import type { Drill, DrillContext } from './drill.ts';
import { DrillError } from './drill-error.ts';

/** Longest time between a request and the loss of its connection, in ms: before, during and after the work of the service. */
const maxDelayMs = 20;

/** Answers to rotations are lost, and the requests are repeated with the same rotation key. */
export const lostAnswers: Drill = {
  name: 'lost-answers',
  description: 'Connections are cut while tokens are replaced, and the requests are repeated.',
  async run(context) {
    const user = await context.instance.register();
    const { browser, grant } = await openSession(context.instance, await user.login());
    browser.close();
    context.done('a user signs in');
    const token = await loseAnswersOfSockets(context, grant.token);
    await loseAnswersOfHttp(context, token);
  },
};

/** Returns the newest token. */
async function loseAnswersOfSockets({ instance, rounds, done, expect }: DrillContext, first: string): Promise<string> {
  let token = first;
  let equal = 0;
  for (let round = 0; round < rounds; round++) {
    const rotation_key = newRotationKey();
    const cut = await openBrowser(instance);
    await cut.presentAndCut({ token, rotation_key }, randomInt(maxDelayMs));
    const unread = await presentUntilFinal(instance, { token, rotation_key });
    unread.browser.close();
    const repeated = await presentUntilFinal(instance, { token, rotation_key });
    repeated.browser.close();
    if (unread.grant === undefined || repeated.grant === undefined)
      return refuse(expect, round, unread.code ?? repeated.code ?? '');
    if (unread.grant.token === repeated.grant.token) equal += 1;
    repeated.acknowledge();
    token = repeated.grant.token;
  }
  done(`${rounds} times a connection was cut during a rotation, and a second answer was not stored`);
  expect('each repetition got the token of the lost answer, byte for byte', equal === rounds, `${equal} of ${rounds}`);
  return token;
}

function refuse(expect: DrillContext['expect'], round: number, code: string): never {
  expect('a repeated rotation is not refused', false, `${code} in round ${round + 1}`);
  throw new DrillError('the session was lost, so that the drill ends here');
}

async function loseAnswersOfHttp({ instance, rounds, expect }: DrillContext, first: string): Promise<void> {
  let token = first;
  let equal = 0;
  for (let round = 0; round < rounds; round++) {
    const body = { grant_type: 'refresh_token', refresh_token: token, rotation_key: newRotationKey() };
    const [one, other] = [await refresh(instance, body), await refresh(instance, body)];
    if (one !== undefined && one === other) equal += 1;
    token = other ?? token;
  }
  expect(
    `${rounds} requests to ${paths.oauthToken} that were sent twice got one token each`,
    equal === rounds,
    `${equal} of ${rounds}`,
  );
}

async function refresh(instance: DrillContext['instance'], body: object): Promise<string | undefined> {
  const answer = await instance.request('POST', paths.oauthToken, { body });
  return answer.code === undefined ? (answer.body as unknown as TokenResponse).refresh_token : undefined;
}
