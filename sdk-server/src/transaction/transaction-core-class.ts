import { withSpan } from '@latchkey/core/internal';
import type { ChangeNotifier } from '../change/changes.ts';
import { createSerialQueue } from './serial-queue.ts';
import { transactionContext } from './transaction-context.ts';
import { alreadyExecuted, busy, commitOutcomeUnknown, notAwaited, TransactionError } from './transaction-error.ts';
import { createTransactionEndListeners, logFailure, type TransactionEndListener } from './transaction-listeners.ts';
import type { TransactionOptions, TransactionSteps } from './transaction-steps.ts';

/**
 * A transaction of any database. A subclass passes the six steps, and adds functions for its statements.
 * Inner transactions of one parent run one after the other, each with its recovery point; the parent's own statements
 * wait for them. Each end releases what `processBegin` took.
 *
 * @example
 * class MyTransaction extends TransactionCoreClass {
 *   constructor(parent: TransactionCoreClass | undefined, options: TransactionOptions) {
 *     super(parent, { processBegin: () => db.begin(), processCommit: () => db.commit(), processRollback: () => db.rollback() }, options);
 *   }
 *   executeQuery(sql: string) { return this.use(() => db.query(sql)); }
 * }
 */
export abstract class TransactionCoreClass {
  /** The transaction around this one; absent on the outermost. */
  readonly parent: TransactionCoreClass | undefined;
  /** 0 for the outermost. */
  readonly depth: number;
  readonly #steps: TransactionSteps<never>;
  readonly #options: TransactionOptions;
  readonly #listeners = createTransactionEndListeners();
  readonly #queue = createSerialQueue();
  readonly #inner = new Set<{ promise?: Promise<unknown> }>();
  #state: 'new' | 'running' | 'ended' = 'new';
  #executed = false;
  #rollbackCause: { readonly error: unknown } | undefined;

  constructor(
    parent: TransactionCoreClass | undefined,
    steps: TransactionSteps<never>,
    options: TransactionOptions = {},
  ) {
    this.parent = parent;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.#steps = steps;
    this.#options = options;
    if (options.onCommit) this.#listeners.onCommit(options.onCommit);
    if (options.onRollback) this.#listeners.onRollback(options.onRollback);
  }

  /**
   * Begins, runs the work, commits, and resolves with its result. If the work rejects, rolls back, and rejects with the
   * same error. Rejects with {@link TransactionError} for errors of the transaction itself, such as a second call.
   */
  execute<R>(work: (transaction: this) => R | Promise<R>): Promise<R> {
    if (this.#executed) return Promise.reject(alreadyExecuted());
    this.#executed = true;
    const run = () => withSpan('latchkey.transaction', () => this.#run(async () => work(this)));
    return this.parent === undefined ? run() : this.parent.#adopt(run);
  }

  /** An inner transaction of the same class, as by `defineTransaction('USE', this, listeners)`. */
  startInner({ onCommit, onRollback }: Pick<TransactionOptions, 'onCommit' | 'onRollback'> = {}): this {
    const Same = this.constructor as new (parent: this, options: TransactionOptions) => this;
    return new Same(this, { ...this.#options, onCommit, onRollback });
  }

  /** Throws. The transaction is rolled back, and `execute` rejects with that error, even if the work catches it. */
  rollback(reason?: unknown): never {
    const error = new TransactionError('rolled_back', 'The transaction was rolled back on request', { cause: reason });
    this.#rollbackCause ??= { error };
    throw error;
  }

  onCommit(listener: TransactionEndListener): void {
    this.#assertOpen();
    this.#listeners.onCommit(listener);
  }

  onRollback(listener: TransactionEndListener): void {
    this.#assertOpen();
    this.#listeners.onRollback(listener);
  }

  /**
   * Sends that an object was created, after the outer commit. Not sent if this transaction, or one around it, is rolled
   * back.
   */
  notifyCreation(tenantId: string, name: string, thing: unknown): void {
    this.#notify(name, (changes) => changes.notifyCreation(tenantId, name, thing));
  }

  /** Sends that an object was changed. Sent like {@link TransactionCoreClass.notifyCreation}. */
  notifyUpdate(tenantId: string, name: string, thing: unknown): void {
    this.#notify(name, (changes) => changes.notifyUpdate(tenantId, name, thing));
  }

  /** Sends that an object was deleted. Sent like {@link TransactionCoreClass.notifyCreation}. */
  notifyDeletion(tenantId: string, name: string, thing: unknown): void {
    this.#notify(name, (changes) => changes.notifyDeletion(tenantId, name, thing));
  }

  /** Another name of {@link TransactionCoreClass.notifyDeletion}. */
  notifyDelete(tenantId: string, name: string, thing: unknown): void {
    this.notifyDeletion(tenantId, name, thing);
  }

  /** Runs a statement of this transaction: at once, or after its inner transactions; refuses after the end. */
  protected use<R>(statement: () => Promise<R>): Promise<R> {
    return this.#guarded(() => {
      if (this.#queue.isIdle) return statement();
      return this.#queue.run(() => this.#guarded(statement));
    });
  }

  /** Throws unless a statement may be sent now. For functions that cannot wait. */
  protected assertFree(): void {
    this.#assertUsable();
    if (!this.#queue.isIdle) throw busy();
  }

  #notify(name: string, send: (changes: ChangeNotifier) => void): void {
    const { changes } = this.#options;
    if (changes === undefined) throw new TypeError('This transaction cannot send changes: set options.changes');
    changes.assertName?.(name);
    this.onCommit(() => send(changes));
  }

  async #guarded<R>(act: () => Promise<R>): Promise<R> {
    this.#assertUsable();
    return act();
  }

  /** Registers the inner transaction in the call itself, so that the end of its parent can check it. */
  #adopt<R>(run: () => Promise<R>): Promise<R> {
    const entry: { promise?: Promise<unknown> } = {};
    const adopted = this.#guarded(async () => {
      this.#inner.add(entry);
      return this.#queue.run(run).finally(() => this.#inner.delete(entry));
    });
    entry.promise = adopted;
    return adopted;
  }

  async #run<R>(work: () => Promise<R>): Promise<R> {
    await this.#begin();
    const result = await this.#work(work).catch((error: unknown) => this.#undo(error));
    await (this.parent === undefined ? this.#commit() : this.#commitInner(this.parent));
    return result;
  }

  async #begin(): Promise<void> {
    try {
      if (this.parent) this.parent.#assertOpen();
      await this.#step(this.parent ? 'processInnerBegin' : 'processBegin');
      this.#state = 'running';
    } catch (error) {
      this.#state = 'ended';
      await this.#settle('rollback');
      throw error;
    }
  }

  async #work<R>(work: () => Promise<R>): Promise<R> {
    const result = await transactionContext.run(this, work);
    if (this.#inner.size > 0) throw notAwaited();
    if (this.#rollbackCause) throw this.#rollbackCause.error;
    return result;
  }

  async #undo(error: unknown): Promise<never> {
    this.#state = 'ended';
    // Inner transactions that still run will reject, perhaps unobserved. This rejection reports them.
    for (const { promise } of this.#inner) promise?.catch(() => undefined);
    if (this.parent === undefined) await this.#rollback();
    else if (this.parent.#isOpen()) await this.#rollbackInner(this.parent);
    await this.#settle('rollback');
    throw error;
  }

  /** If the rollback fails, the connection is lost, and the work with it. */
  async #rollback(): Promise<void> {
    try {
      await this.#step('processRollback');
    } catch (error) {
      logFailure(this.#options.log, error, 'a rollback failed; the connection was given up');
    }
  }

  /** What cannot be undone alone must not be committed by the parent. */
  async #rollbackInner(parent: TransactionCoreClass): Promise<void> {
    try {
      if (!this.#steps.processInnerRollback) throw new TypeError('There is no recovery point: no processInnerRollback');
      await this.#step('processInnerRollback');
    } catch (cause) {
      const error = new TransactionError('rolled_back', 'An inner transaction could not be undone alone', { cause });
      parent.#rollbackCause ??= { error };
    }
  }

  async #commit(): Promise<void> {
    this.#state = 'ended';
    try {
      await this.#step('processCommit');
    } catch (error) {
      await this.#rollback();
      if (!this.#steps.isRefusal?.(error)) throw commitOutcomeUnknown(error);
      await this.#settle('rollback');
      throw error;
    }
    await this.#settle('commit');
  }

  async #commitInner(parent: TransactionCoreClass): Promise<void> {
    this.#state = 'ended';
    try {
      parent.#assertOpen();
      await this.#step('processInnerCommit');
      parent.#assertOpen();
    } catch (error) {
      await this.#undo(error);
    }
    this.#listeners.moveTo(parent.#listeners);
  }

  async #step(name: Exclude<keyof TransactionSteps<never>, 'isRefusal'>): Promise<void> {
    await this.#steps[name]?.call(this as never, this as never);
  }

  #settle(end: 'commit' | 'rollback'): Promise<void> {
    return this.#listeners.notifyAll(end, this.#options.log);
  }

  #isOpen(): boolean {
    return this.#state === 'running' && (this.parent === undefined || this.parent.#isOpen());
  }

  #assertOpen(): void {
    if (this.#state === 'new')
      throw new TransactionError('not_running', 'The transaction does not run yet: use execute');
    if (!this.#isOpen()) throw new TransactionError('ended', 'The transaction has ended');
    if (this.#rollbackCause) throw this.#rollbackCause.error;
  }

  #assertUsable(): void {
    this.#assertOpen();
    let at = transactionContext.getStore();
    // Would wait for its own end.
    for (; at instanceof TransactionCoreClass && at !== this; at = at.parent)
      if (at.parent === this && at.#state !== 'ended') throw busy();
  }
}
