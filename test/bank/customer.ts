import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import type { Branch } from './branch.ts';

/** What the bank tells of one line of an account. */
interface ToldBooking {
  readonly account: number;
  readonly version: number;
  readonly transfer_id: string;
  readonly amount: number;
  readonly balance: number;
}

interface CallError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: readonly { readonly path: string; readonly message: string }[];
}

type Answer<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly error: CallError };

/** How a transfer ended, after as many attempts as it took. */
interface Outcome {
  readonly attempts: number;
  readonly booking?: ToldBooking;
  readonly error?: CallError;
}

/** Somebody with an account at the bank and one socket to it, by socket.io-client alone. */
export interface Customer {
  readonly account: number;
  /** What was told on the socket so far. */
  readonly told: readonly ToldBooking[];
  call<T>(name: string, params: object, key?: string): Promise<Answer<T>>;
  /** Tries with the same key until the answer is a verdict, for `patienceMs` at most. */
  transfer(to: number, amount: number, patienceMs?: number): Promise<Outcome>;
  close(): void;
}

const password = 'violet anchor rain';
let users = 0;

export async function createCustomer({ service, bank }: Branch): Promise<Customer> {
  const client = createPlainClient({ url: service.url, socketUrl: bank.url });
  const login = await client.register(`customer${++users}@example.test`, password);
  const socket = await client.connect();
  const told: ToldBooking[] = [];
  socket.raw.on('booking', (booking: ToldBooking) => void told.push(booking));
  const signedIn = await socket.authenticate({ ...login, rotation_key: newKey() });
  if (signedIn.event !== 'authenticated') throw new Error(signedIn.payload.code);

  const call = <T>(name: string, params: object, key?: string) =>
    socket.call<Answer<T>>('api', name, params, ...(key === undefined ? [] : [{ idempotency_key: key }]));
  const opened = await call<{ number: number }>('openAccount', {});
  if (!opened.ok) throw new Error(opened.error.code);

  return Object.freeze<Customer>({
    account: opened.data.number,
    told,
    call,
    async transfer(to, amount, patienceMs = 45_000) {
      const key = randomUUID();
      const until = performance.now() + patienceMs;
      for (let attempts = 1; ; attempts += 1) {
        const answer = await call<ToldBooking>('accountTransfer', { to, amount }, key).catch(() => undefined);
        if (answer?.ok) return { attempts, booking: answer.data };
        if (answer !== undefined && !answer.error.retryable) return { attempts, error: answer.error };
        if (performance.now() > until) throw new Error(`no verdict after ${attempts} attempts`);
        await sleep(50 + Math.random() * 100);
      }
    },
    close: () => client.close(),
  });
}
