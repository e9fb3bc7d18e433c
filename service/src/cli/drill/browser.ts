import {
  type Ack,
  type Authenticated,
  events,
  type LoggedOut,
  type Refreshed,
  type Unauthorized,
} from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { io, type Socket } from 'socket.io-client';
import { describeSocketError } from '../connection-error.ts';
import { newRotationKey } from './client-secrets.ts';
import { DrillError } from './drill-error.ts';
import type { Instance } from './instance.ts';
import { pause, waitUntil } from './waiting.ts';

const timeoutMs = 10_000;

/** How the service answered a credential. */
export type Outcome =
  | {
      readonly code: undefined;
      readonly grant: Authenticated;
      /** Confirms that the token is stored. */
      readonly acknowledge: () => void;
    }
  | { readonly code: string; readonly retryAfterMs: number; readonly grant: undefined };

/** An outcome as text: the code of the refusal, or `a token`. */
export const describeOutcome = ({ code }: Outcome): string => code ?? 'a token';

/** One connection of a browser, without sdk-browser, so that a drill chooses what it shows. */
interface Browser {
  /** Shows a code or a token. @throws DrillError no answer arrived */
  readonly present: (payload: object) => Promise<Outcome>;
  /** Shows a credential, and cuts the connection before its answer is used. Resolves once the connection is closed. */
  readonly presentAndCut: (payload: object, delayMs: number) => Promise<void>;
  /** A new access token, or the code of the refusal. */
  readonly refresh: () => Promise<{ readonly accessToken: string } | { readonly code: string }>;
  /** Why the session ended; `undefined`: no reason arrived in time. */
  readonly loggedOut: (withinMs: number) => Promise<string | undefined>;
  /** Its hash is the nonce of proofs. */
  readonly engineId: () => string;
  readonly close: () => void;
}

/**
 * Opens a connection.
 *
 * @throws DrillError no connection is made
 * @example
 * const browser = await openBrowser(instance);
 * const outcome = await browser.present({ token, rotation_key: newRotationKey() });
 */
export async function openBrowser({ url, clock }: Pick<Instance, 'url' | 'clock'>): Promise<Browser> {
  const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true, timeout: timeoutMs });
  let reason: string | undefined;
  socket.on(events.loggedOut, (payload: LoggedOut) => {
    reason = payload.reason;
  });
  await connected(socket, url);
  const { id: engineId } = socket.io.engine;
  return Object.freeze<Browser>({
    present: (payload) => present(socket, clock, payload),
    async presentAndCut(payload, delayMs) {
      socket.emit(events.authenticate, payload);
      await pause(clock, delayMs);
      // Below Socket.IO, as a network that is lost.
      socket.io.engine.close();
    },
    async refresh() {
      const answer = (await socket
        .timeout(timeoutMs)
        .emitWithAck(events.refresh, {})
        .catch(() => undefined)) as Ack<Refreshed> | undefined;
      if (answer === undefined) return { code: 'no answer' };
      return answer.ok ? { accessToken: answer.data.access_token } : { code: answer.error.code };
    },
    async loggedOut(withinMs) {
      await waitUntil(clock, () => reason !== undefined, withinMs);
      return reason;
    },
    engineId: () => engineId,
    close: () => void socket.disconnect(),
  });
}

function connected(socket: Socket, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(new DrillError(`no WebSocket is opened at ${url}: ${describeSocketError(error)}`));
    });
  });
}

function present(socket: Socket, clock: Clock, payload: object): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      cancel();
      for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
      act();
    };
    const listeners = {
      [events.authenticated]: (grant: Authenticated, acknowledge: () => void) =>
        settle(() => resolve({ code: undefined, grant, acknowledge })),
      [events.unauthorized]: ({ code, retry_after_ms }: Unauthorized) =>
        settle(() => resolve({ code, retryAfterMs: retry_after_ms ?? 250, grant: undefined })),
      disconnect: () => settle(() => reject(new DrillError('the connection was closed without an answer'))),
    };
    const cancel = clock.after(timeoutMs, () => settle(() => reject(new DrillError('no answer in 10 s'))));
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
    socket.emit(events.authenticate, payload);
  });
}

/** A browser that is signed in, with its newest token. */
export interface SignedIn {
  readonly browser: Browser;
  readonly grant: Authenticated;
}

/** Shows a credential on a new connection, and stores the answer. @throws DrillError it is refused */
export async function openSession(instance: Instance, credential: object): Promise<SignedIn> {
  const browser = await openBrowser(instance);
  const outcome = await browser.present({ ...credential, rotation_key: newRotationKey() });
  if (outcome.grant === undefined) {
    browser.close();
    throw new DrillError(`a sign-in is refused: ${outcome.code}`);
  }
  outcome.acknowledge();
  return { browser, grant: outcome.grant };
}

/** Shows a credential on a new connection until the answer is final. The connection stays open. */
export async function presentUntilFinal(
  instance: Instance,
  credential: object,
): Promise<Outcome & { readonly browser: Browser }> {
  const until = instance.clock.monotonic() + 20_000;
  for (;;) {
    const browser = await openBrowser(instance);
    const outcome = await browser.present(credential);
    const isTemporary = outcome.grant === undefined && temporaryCodes.has(outcome.code);
    if (!isTemporary || instance.clock.monotonic() > until) return { ...outcome, browser };
    browser.close();
    await pause(instance.clock, Math.max(250, outcome.retryAfterMs));
  }
}

/** Refusals of a race: a client repeats what it showed. */
const temporaryCodes: ReadonlySet<string> = new Set([
  'rotation_contended',
  'rotation_superseded',
  'busy',
  'unavailable',
]);
