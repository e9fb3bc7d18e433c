import { createHash } from 'node:crypto';
import { Failure, fail } from '@latchkey/contract';
import type { Server, Socket } from 'socket.io';
import type { ChangeNotices } from '../change/changes.ts';
import type { Log } from '../log.ts';
import type { LocalUserSession } from '../session/local-user-session.ts';
import type { Authority } from '../socket/authority.ts';
import { idempotencyKeyOf, type RawCall } from './arguments.ts';
import { createCall } from './call.ts';
import type { CheckAnswer } from './encoded-answer.ts';
import type { IdempotentCall, Store } from './idempotency.ts';
import type { Places } from './places.ts';
import { parseInput, parseOutput, type Route } from './route.ts';
import { askAgain, isTrouble, isUnknownEnd, orUnavailable } from './unavailable.ts';

/** Runs work in a transaction: commits when it resolves, rolls back when it rejects. */
export interface TransactionFactory<Transaction> {
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** For `getTransaction()` in calls that are not `transactional`: begins with its `execute`. */
  defineTransaction?(requirement: 'NEW'): Transaction;
  /** Where the transactions' `notify…` go, unless they have a place already. */
  useChanges?(changes: ChangeNotices): void;
  /** @throws TypeError while transactions cannot be made */
  assertDefined?(): void;
}

interface PerformDeps<Transaction> {
  readonly io: Server;
  readonly api: string;
  readonly log: Log;
  readonly places: Places;
  readonly authority: Pick<Authority, 'activity'>;
  readonly transactions: TransactionFactory<Transaction> | undefined;
  readonly store: Store<Transaction> | undefined;
  readonly checkAnswer: CheckAnswer;
}

/** One call of a socket whose session is known; resolves to its answer, rejects with whatever went wrong. */
type Perform<Transaction> = (
  socket: Socket,
  session: LocalUserSession,
  route: Route<Transaction>,
  raw: RawCall & { readonly name: string },
) => Promise<unknown>;

type Work<Transaction> = (transaction: Transaction | undefined) => Promise<unknown>;

export function createPerform<Transaction>(deps: PerformDeps<Transaction>): Perform<Transaction> {
  const { io, api, log, places, authority, transactions, store, checkAnswer } = deps;

  const define = transactions?.defineTransaction && (() => transactions.defineTransaction!('NEW'));

  function once(route: Route<Transaction>, call: IdempotentCall, work: Work<Transaction>): Promise<unknown> {
    if (store === undefined) throw fail('invalid_request', { message: 'This api takes no idempotency keys.' });
    if (store.within === 'process') return store.once(call, () => inTransaction(route, work));
    if (!route.transactional) throw fail('invalid_request', { message: 'This call takes no idempotency key.' });
    // With a record beside the work, whoever asks again hears what became of a commit that nobody saw end.
    return inTransaction(route, (transaction) => store.once(call, () => work(transaction), transaction!)).catch(
      (error: unknown) => Promise.reject(isUnknownEnd(error) ? askAgain(error) : error),
    );
  }

  /** Trouble before the work begins says nothing about the work; later, before the commit, nothing of it stands. */
  async function inTransaction(route: Route<Transaction>, work: Work<Transaction>): Promise<unknown> {
    if (!route.transactional) return work(undefined);
    let isBegun = false;
    try {
      return await transactions!.run((transaction) => {
        isBegun = true;
        return work(transaction);
      });
    } catch (error) {
      const isMistake = error instanceof TypeError || error instanceof Failure;
      throw isTrouble(error) || !(isBegun || isMistake) ? askAgain(error) : error;
    }
  }

  const perform: Perform<Transaction> = async (socket, session, route, raw) => {
    const { name } = raw;
    const idempotencyKey = idempotencyKeyOf(raw.options);
    const params = await parseInput(route.input, raw.params);
    if (!route.passive && places.isActivityDue(socket)) authority.activity(session.id);
    const signalOf = () => places.signalOf(socket);
    const parts = { io, socket, api, name, session, idempotencyKey, signalOf, log };
    const callIn = (transaction: Transaction | undefined) => createCall({ ...parts, transaction, define });
    if (route.require && (await route.require(callIn(undefined))) !== true)
      throw fail('forbidden', { reason: 'request_refused' });

    const work: Work<Transaction> = async (transaction) => {
      const call = callIn(transaction);
      const answer = await parseOutput(route.output, await route.handler.call(call, params, call));
      if (raw.ack !== undefined || idempotencyKey !== undefined) checkAnswer(name, answer);
      return answer;
    };
    if (idempotencyKey === undefined) return inTransaction(route, work);
    const { userId, tenantId } = session;
    const fingerprint = fingerprintOf(raw.params);
    return once(route, { tenantId, userId, api, call: name, key: idempotencyKey, fingerprint }, work);
  };
  return (...asked) => orUnavailable(() => perform(...asked));
}

function fingerprintOf(params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(params) ?? '')
    .digest('base64url');
}
