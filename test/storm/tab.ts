import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@latchkey/contract';
import { createSession, type Session, type SessionOptions } from '@latchkey/sdk-browser';
import type { Dice } from './dice.ts';
import type { History } from './history.ts';

interface TabOptions {
  readonly name: string;
  readonly dice: Dice;
  readonly history: History;
  /** Of the SDK, for each page that the tab loads. */
  readonly session: SessionOptions;
}

/** A browser tab: pages come and go in it, each with a session object of its own over the same storage. */
export interface Tab {
  readonly name: string;
  /** The page that is open now. */
  readonly session: Session;
  open(): Promise<unknown>;
  /** Does what people and networks do, every `everyMs` or so, until the signal. */
  live(everyMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createTab({ name, dice, history, session: options }: TabOptions): Tab {
  let session = load();

  function load(): Session {
    const page = createSession({ ...options, trackActivity: false, random: dice.next });
    page.subscribe(({ status, reason }) => {
      if (status === 'signed_out' || status === 'error') history.fell(name, status, reason);
    });
    return page;
  }
  const open = () => session.connect();
  const reload = (): void => {
    history.count('reloads');
    session.close();
    session = load();
    void open();
  };
  const loseLine = (): void => {
    history.count('lines cut');
    session.socket.io.engine?.close();
  };
  const refresh = (): void => {
    history.count('refreshes');
    session.refresh().catch((failure) => history.refused(failure instanceof Failure ? failure.code : 'internal_error'));
  };
  return Object.freeze<Tab>({
    name,
    get session() {
      return session;
    },
    open,
    async live(everyMs, signal) {
      const rest = (from: number, to: number) => sleep(dice.between(from, to) * everyMs, undefined, { signal });
      try {
        for (let last = 0; ; last = 0.5) {
          await rest(last, last + 1);
          dice.pick([reload, reload, loseLine, refresh])();
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    close: () => session.close(),
  });
}
