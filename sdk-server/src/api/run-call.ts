import { createHash } from 'node:crypto';
import { Failure, fail } from '@latchkey/contract';
import type { Authority } from '@latchkey/core';
import { type Logger, withSpan } from '@latchkey/core/internal';
import type { Server, Socket } from 'socket.io';
import type { ChangeNotifier } from '../change/changes.ts';
import type { LocalUserSession } from '../session/user-session.ts';
import { idempotencyKeyOf, type RawCall } from './arguments.ts';
import { createCallContext } from './call-context.ts';
import type { CallSlots } from './call-slots.ts';
import type { AnyIdempotencyStore, IdempotentCall } from './idempotency.ts';
import type { ResponseCheck } from './response-check.ts';
import { isCommitOutcomeUnknown, isTransient, retryableUnavailable, withUnavailable } from './retryable.ts';
import { type CallRoute, parseCallInput, parseOutput } from './route.ts';

/** Runs work in a transaction: commits when it resolves, rolls back when it rejects. */
export interface TransactionFactory<Transaction> {
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** For `getTransaction()` in calls that are not `transactional`: begins with its `execute`. */
  defineTransaction?(requirement: 'NEW'): Transaction;
  /** Where the transactions' `notify…` go, unless they have a place already. */
  useChanges?(changes: ChangeNotifier): void;
  /** @throws TypeError while transactions cannot be made */
  assertDefined?(): void;
}

interface RunCallDeps<Transaction> {
  readonly io: Server;
  readonly api: string;
  readonly log: Logger;
  readonly callSlots: CallSlots;
  readonly authority: Pick<Authority, 'activity'>;
  readonly transactions: TransactionFactory<Transaction> | undefined;
  readonly store: AnyIdempotencyStore<Transaction> | undefined;
  readonly checkResponse: ResponseCheck;
}

/** One call of a socket whose session is known; resolves to its answer, rejects with whatever went wrong. */
type RunCall<Transaction> = (
  socket: Socket,
  session: LocalUserSession,
  route: CallRoute<Transaction>,
  raw: RawCall & { readonly name: string },
) => Promise<unknown>;

type Work<Transaction> = (transaction: Transaction | undefined) => Promise<unknown>;

export function createRunCall<Transaction>(deps: RunCallDeps<Transaction>): RunCall<Transaction> {
  const { io, api, log, callSlots, authority, transactions, store, checkResponse } = deps;

  const defineTransaction = transactions?.defineTransaction && (() => transactions.defineTransaction!('NEW'));

  function runIdempotent(
    route: CallRoute<Transaction>,
    call: IdempotentCall,
    work: Work<Transaction>,
  ): Promise<unknown> {
    if (store === undefined) throw fail('invalid_request', { message: 'This api takes no idempotency keys.' });
    if (store.within === 'process') return store.once(call, () => inTransaction(route, work));
    if (!route.transactional) throw fail('invalid_request', { message: 'This call takes no idempotency key.' });
    // With a record, a retry finds the outcome of a commit whose result was lost.
    return inTransaction(route, (transaction) => store.once(call, () => work(transaction), transaction!)).catch(
      (error: unknown) => Promise.reject(isCommitOutcomeUnknown(error) ? retryableUnavailable(error) : error),
    );
  }

  /**
   * A transient error before the work begins says nothing about the work. One before the commit means that nothing was
   * committed.
   */
  async function inTransaction(route: CallRoute<Transaction>, work: Work<Transaction>): Promise<unknown> {
    if (!route.transactional) return work(undefined);
    let isBegun = false;
    try {
      return await transactions!.run((transaction) => {
        isBegun = true;
        return work(transaction);
      });
    } catch (error) {
      const isMistake = error instanceof TypeError || error instanceof Failure;
      throw isTransient(error) || !(isBegun || isMistake) ? retryableUnavailable(error) : error;
    }
  }

  const runCall: RunCall<Transaction> = async (socket, session, route, raw) => {
    const { name } = raw;
    const idempotencyKey = idempotencyKeyOf(raw.options);
    const params = await parseCallInput(route.input, raw.params);
    if (!route.passive && callSlots.isActivityDue(socket)) authority.activity(session.id);
    const signalOf = () => callSlots.signalOf(socket);
    const parts = { io, socket, api, name, session, idempotencyKey, signalOf, log };
    const callIn = (transaction: Transaction | undefined) =>
      createCallContext({ ...parts, transaction, defineTransaction });
    if (route.require && (await route.require(callIn(undefined))) !== true)
      throw fail('forbidden', { reason: 'request_refused' });

    const work: Work<Transaction> = async (transaction) => {
      const call = callIn(transaction);
      const answer = await parseOutput(route.output, await route.handler.call(call, params, call));
      if (raw.ack !== undefined || idempotencyKey !== undefined) checkResponse(name, answer);
      return answer;
    };
    if (idempotencyKey === undefined) return inTransaction(route, work);
    const { userId, tenantId } = session;
    const fingerprint = fingerprintOf(raw.params);
    return runIdempotent(route, { tenantId, userId, api, call: name, key: idempotencyKey, fingerprint }, work);
  };
  return (...args) => {
    const { name } = args[3];
    const attributes = { 'rpc.system': 'latchkey', 'rpc.service': api, 'rpc.method': name };
    return withSpan(`${api}/${name}`, () => withUnavailable(() => runCall(...args)), { attributes });
  };
}

function fingerprintOf(params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(params) ?? '')
    .digest('base64url');
}
