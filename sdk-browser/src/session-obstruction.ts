import { Failure } from '@latchkey/contract';
import { fail } from './fail.ts';
import type { Http } from './fetch/http.ts';
import { type Redeemed, redeemOverHttp } from './login/http-redemption.ts';
import type { PendingCode } from './login/redemption.ts';
import type { Advise } from './platform/advice.ts';
import type { DatabaseClock } from './platform/database-clock.ts';
import { mayRepeatCode } from './refresh/reaction.ts';
import { createServerErrors } from './refresh/server-errors.ts';
import { bindingOf, type CourseNeeds } from './session-course.ts';
import type { Findings } from './socket/conversation.ts';
import { obstacleAdvice } from './socket/obstacle-advice.ts';
import type { Obstacle } from './socket/obstacles.ts';

/** Called when something is in the way of the socket. */
type Obstruct = (obstacle: Obstacle) => void;

export interface ObstructionNeeds
  extends Pick<CourseNeeds, 'access' | 'channel' | 'events' | 'happen' | 'jar' | 'prover' | 'redemption'> {
  readonly http: Http;
  readonly databaseClock: Pick<DatabaseClock, 'stamp'>;
  readonly advise: Advise;
  /** Of the socket server. */
  readonly url: string;
  readonly findings: Pick<Findings, 'codeRefused' | 'error'>;
}

/**
 * What the session does without a socket: a pending code is redeemed over HTTP, and the reason is shown in the state and,
 * once, on the console. The session stays signed in.
 */
export function createObstruction(needs: ObstructionNeeds): Obstruct {
  const { url, access, advise, channel, events, happen, prover, redemption, findings } = needs;
  const serverErrors = createServerErrors();
  let isRedeeming = false;

  const show: Obstruct = ({ reason, isFinal }) => {
    if (isFinal) findings.error(reason);
    else happen({ type: 'offline', reason });
  };
  const enter = ({ user, held, answer }: Redeemed): void => {
    const { sid: sessionId, gen: generation } = held;
    access.set(answer.access_token, answer.expires_in);
    const { scope = '' } = answer;
    happen({ type: 'redeemed', user, sessionId, generation, scope, binding: bindingOf(answer, prover) });
    channel.announce();
    redemption.succeed(user);
    events.emit('authenticated', { user, sessionId, generation });
  };
  const redeem = async (pending: PendingCode): Promise<boolean> => {
    try {
      enter(await redeemOverHttp(needs, pending));
      return true;
    } catch (cause) {
      const failure = cause instanceof Failure ? cause : fail('internal_error', { cause });
      const isFinal = serverErrors.isOneTooMany('code', failure.code) || !mayRepeatCode(failure.code);
      if (redemption.pending === pending && isFinal) findings.codeRefused(failure);
      return false;
    }
  };
  return (obstacle) => {
    advise(obstacle.reason, obstacleAdvice(url, obstacle));
    const { pending } = redemption;
    if (pending === undefined) return show(obstacle);
    if (isRedeeming) return;
    isRedeeming = true;
    void redeem(pending).then((isRedeemed) => {
      isRedeeming = false;
      if (isRedeemed) show(obstacle);
    });
  };
}
