import type { Failure } from '@latchkey/contract';
import {
  type CodeExchangeResult,
  exchangeCodeOverHttp,
  type HttpCodeExchangeDeps,
} from '../auth/http-code-exchange.ts';
import type { ConnectionProblem } from '../connection/connection-diagnostics.ts';
import { describeConnectionProblem } from '../connection/describe-connection-problem.ts';
import { wrapError } from '../platform/fail.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { decideRefusal, noRefusals } from '../refresh/refusal-policy.ts';
import type { PendingCode } from '../tokens/code-exchange.ts';
import type { SessionReason } from './session-state.ts';
import type { SessionStore } from './session-store.ts';

/** Called when no socket can be opened. */
type ConnectionProblemHandler = (problem: ConnectionProblem) => void;

export interface ConnectionProblemHandlerDeps extends HttpCodeExchangeDeps {
  readonly warnOnce: WarnOnce;
  /** Origin of the socket server. */
  readonly url: string;
  readonly dispatch: SessionStore['dispatch'];
  redeemed(result: CodeExchangeResult): void;
  codeRejected(failure: Failure): void;
  rejected(reason: SessionReason): void;
}

/**
 * Returns the handler of connection problems. It redeems a pending code over HTTP, sets the reason in the state, and writes
 * it to the console once. The session stays signed in.
 */
export function createConnectionProblemHandler(deps: ConnectionProblemHandlerDeps): ConnectionProblemHandler {
  const { url, warnOnce, dispatch, codeExchange } = deps;
  let refused = noRefusals;
  let isRedeeming = false;

  const show: ConnectionProblemHandler = ({ reason, isFinal }) => {
    if (isFinal) deps.rejected(reason);
    else dispatch({ type: 'offline', reason });
  };
  const redeem = async (pending: PendingCode): Promise<boolean> => {
    try {
      deps.redeemed(await exchangeCodeOverHttp(deps, pending));
      return true;
    } catch (cause) {
      const failure = wrapError(cause, 'internal_error');
      const { code } = failure;
      const step = decideRefusal(refused, { isCode: true, code });
      refused = [code, ...refused];
      if (codeExchange.pending === pending && step === 'reject') deps.codeRejected(failure);
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
