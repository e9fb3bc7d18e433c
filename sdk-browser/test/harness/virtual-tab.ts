import type { TokenStorage } from '../../src/platform/storage.ts';
import type { Timers } from '../../src/platform/timers.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Session } from '../../src/session/session.ts';
import type { Place, VirtualService } from './virtual-service.ts';
import { createLaggingStorage, type World } from './virtual-world.ts';

interface TabNeeds {
  readonly world: World;
  readonly service: VirtualService;
  /** What all tabs' writes arrive at. */
  readonly storage: TokenStorage;
  readonly lagMs: number;
  readonly random: () => number;
  /** Ends of the session that a page was notified of. */
  readonly ended: string[];
}

/** A browser tab in virtual time: pages of the real SDK come and go in it, and freeze. */
export interface VirtualTab {
  /** The page that is open now, if there is one. */
  readonly session: Session | undefined;
  /** Loads or reloads the page. The previous page stops without an event. */
  open(): void;
  /** What it wrote arrives all the same: browsers hand writes to another process before a tab can go. */
  crash(): void;
  freeze(): void;
  thaw(): void;
  /** In the background: timers run at whole minutes only. */
  hide(isHidden: boolean): void;
}

interface Page extends Place {
  isGone: boolean;
  readonly waiting: (() => void)[];
}

const throttleMs = 60_000;

export function createVirtualTab({ world, service, storage, lagMs, random, ended }: TabNeeds): VirtualTab {
  let page: Page | undefined;
  let session: Session | undefined;
  let isFrozen = false;
  let isHidden = false;

  const createPage = (): Page => {
    const made: Page = {
      isGone: false,
      waiting: [],
      reach(run) {
        if (made.isGone) return;
        if (isFrozen) made.waiting.push(run);
        else run();
      },
    };
    return made;
  };
  const timersOf = (place: Place): Timers => ({
    now: world.now,
    after(ms, run) {
      let isCancelled = false;
      const wanted = world.now() + Math.max(0, ms);
      const at = isHidden ? Math.ceil(wanted / throttleMs) * throttleMs : wanted;
      world.at(at - world.now(), () => place.reach(() => isCancelled || run()));
      return () => {
        isCancelled = true;
      };
    },
  });
  const crash = (): void => {
    if (page !== undefined) page.isGone = true;
    page = session = undefined;
    isFrozen = false;
  };
  return {
    get session() {
      return session;
    },
    crash,
    open() {
      crash();
      const made = createPage();
      page = made;
      const { fetch } = globalThis;
      globalThis.fetch = service.fetchOf(made);
      const opened = openSession({
        url: 'https://id.example.com',
        storage: createLaggingStorage(storage, world, lagMs),
        timers: timersOf(made),
        createSocket: service.socketsOf(made),
        random,
        trackActivity: false,
      });
      globalThis.fetch = fetch;
      opened.on('logged_out', ({ reason }) => made.reach(() => ended.push(reason)));
      session = opened;
      void opened.connect();
    },
    freeze() {
      isFrozen = page !== undefined;
    },
    thaw() {
      isFrozen = false;
      for (const run of page?.waiting.splice(0) ?? []) page?.reach(run);
    },
    hide(hidden) {
      isHidden = hidden;
    },
  };
}
