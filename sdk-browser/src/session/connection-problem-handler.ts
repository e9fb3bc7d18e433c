import { Failure } from '@latchkey/contract';
import { type CodeExchangeResult, exchangeCodeOverHttp } from '../auth/http-code-exchange.ts';
import type { ConnectionProblem } from '../connection/connection-diagnostics.ts';
import { describeConnectionProblem } from '../connection/describe-connection-problem.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { DatabaseClockEstimate } from '../platform/database-clock.ts';
import { fail } from '../platform/fail.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { mayRetryCode } from '../refresh/refusal-policy.ts';
import { createServerErrorCounter } from '../refresh/server-error-counter.ts';
import type { PendingCode } from '../tokens/code-exchange.ts';
import { type SessionController, type SessionControllerDeps, toKeyBinding } from './session-controller.ts';

/** Called when no socket can be opened. */
type ConnectionProblemHandler = (problem: ConnectionProblem) => void;

export interface ConnectionProblemHandlerDeps
  extends Pick<
    SessionControllerDeps,
    'access' | 'channel' | 'events' | 'dispatch' | 'tokenStore' | 'prover' | 'codeExchange'
  > {
  readonly http: HttpClient;
  readonly databaseClock: Pick<DatabaseClockEstimate, 'stamp'>;
  readonly warnOnce: WarnOnce;
  /** Origin of the socket server. */
  readonly url: string;
  readonly handlers: Pick<SessionController, 'codeRejected' | 'error'>;
}

/**
 * Returns the handler of connection problems. It redeems a pending code over HTTP, sets the reason in the state, and writes
 * it to the console once. The session stays signed in.
 */
export function createConnectionProblemHandler(deps: ConnectionProblemHandlerDeps): ConnectionProblemHandler {
  const { url, access, warnOnce, channel, events, dispatch, prover, codeExchange, handlers } = deps;
  const serverErrors = createServerErrorCounter();
  let isRedeeming = false;

  const show: ConnectionProblemHandler = ({ reason, isFinal }) => {
    if (isFinal) handlers.error(reason);
    else dispatch({ type: 'offline', reason });
  };
  const enter = ({ user, held, answer }: CodeExchangeResult): void => {
    const { sid: sessionId, gen: generation } = held;
    access.set(answer.access_token, answer.expires_in);
    const { scope = '' } = answer;
    dispatch({ type: 'redeemed', user, sessionId, generation, scope, binding: toKeyBinding(answer, prover) });
    channel.broadcast();
    codeExchange.succeed(user);
    events.emit('authenticated', { user, sessionId, generation });
  };
  const redeem = async (pending: PendingCode): Promise<boolean> => {
    try {
      enter(await exchangeCodeOverHttp(deps, pending));
      return true;
    } catch (cause) {
      const failure = cause instanceof Failure ? cause : fail('internal_error', { cause });
      const isFinal = serverErrors.countsAsLast('code', failure.code) || !mayRetryCode(failure.code);
      if (codeExchange.pending === pending && isFinal) handlers.codeRejected(failure);
      return false;
    }
  };
  return (problem) => {
    warnOnce(problem.reason, describeConnectionProblem(url, problem));
    const { pending } = codeExchange;
    if (pending === undefined) return show(problem);
    if (isRedeeming) return;
    isRedeeming = true;
    void redeem(pending).then((isRedeemed) => {
      isRedeeming = false;
      if (isRedeemed) show(problem);
    });
  };
}
