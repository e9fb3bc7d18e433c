import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { createTimer, type Timer } from '../base/timer.ts';

/** Refusals or failures of one kind that a setting, a call or the client changes. */
export interface CauseKind {
  /** What has to be changed: an option, a setting, or `client`. */
  readonly setting: string;
  /** What failed and what to change. `{origins}` is the name of an option, which a host may call otherwise. */
  readonly message: string;
  /** Default: `warn`. */
  readonly level?: 'warn' | 'error';
}

/** All kinds of causes, by code. */
export type CauseTable<Code extends string> = Readonly<Record<Code, CauseKind>>;

/** What is known about one kind. */
export interface CauseReport<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly setting: string;
  /** How often since the start of the process. */
  readonly count: number;
  /** Epoch milliseconds by the clock of this machine. */
  readonly lastAt: number;
}

/** What the host calls options that messages name. */
export type OptionAliases = Readonly<Record<string, string | undefined>>;

/**
 * Counts causes and logs each kind at most once a minute, because clients can cause any number. The first of a kind is logged
 * at once. Those of the following minute are logged at its end, in one line with their count.
 */
export interface CauseLog<Code extends string = string> {
  /**
   * @param fields of the log line. Nothing of them is kept but those of the newest report
   * @param names of options, where the host calls them otherwise
   */
  report(code: Code, fields?: Readonly<Record<string, unknown>>, names?: OptionAliases): void;
  /** What to change, in one sentence. */
  explain(code: Code, names?: OptionAliases): string;
  /** What has been reported, the newest last. */
  list(): readonly CauseReport<Code>[];
  /** Logs what was counted and not logged yet, and ends the timers. */
  close(): void;
}

/** Dependencies of {@link createCauseLog}. */
export interface CauseLogDeps<Code extends string> {
  readonly table: CauseTable<Code>;
  readonly log: Logger;
  readonly clock: Clock;
}

const periodMs = 60_000;

interface CauseState {
  count: number;
  lastAt: number;
  setting: string;
  message: string;
  fields: Readonly<Record<string, unknown>>;
  /** Reported since the last line. */
  unlogged: number;
  /** Set while a line of the last minute holds back the next one. */
  readonly timer: Timer;
}

/**
 * @example
 * const causes = createCauseLog({ table: { port_taken: { setting: 'PORT', message: 'set {PORT}' } }, log, clock });
 * causes.report('port_taken', { port: 3000 }); // logs { port: 3000, cause: 'port_taken', setting: 'PORT', count: 1 }
 */
export function createCauseLog<Code extends string>({ table, log, clock }: CauseLogDeps<Code>): CauseLog<Code> {
  const kinds = new Map<Code, CauseState>();

  function explain(code: Code, names: OptionAliases = {}): string {
    return table[code].message.replaceAll(/\{(\w+)\}/g, (_placeholder, name: string) => names[name] ?? name);
  }

  function write(code: Code, seen: CauseState): void {
    const { fields, setting, message, unlogged } = seen;
    seen.unlogged = 0;
    log[table[code].level ?? 'warn']({ ...fields, cause: code, setting, count: unlogged }, message);
  }

  function writeRest(code: Code, seen: CauseState): void {
    if (seen.unlogged > 0) write(code, seen);
  }

  function createState(code: Code): CauseState {
    const timer = createTimer(clock, () => {
      if (state.unlogged > 0) timer.set(periodMs);
      writeRest(code, state);
    });
    const state: CauseState = { count: 0, lastAt: 0, setting: '', message: '', fields: {}, unlogged: 0, timer };
    return state;
  }

  /** The newest last. */
  function moveToEnd(code: Code): CauseState {
    const seen = kinds.get(code) ?? createState(code);
    kinds.delete(code);
    kinds.set(code, seen);
    return seen;
  }

  return Object.freeze<CauseLog<Code>>({
    explain,
    report(code, fields = {}, names = {}) {
      const seen = moveToEnd(code);
      const { setting } = table[code];
      Object.assign(seen, { fields, setting: names[setting] ?? setting, message: explain(code, names) });
      seen.count += 1;
      seen.unlogged += 1;
      seen.lastAt = clock.now();
      if (seen.timer.isSet) return;
      seen.timer.set(periodMs);
      write(code, seen);
    },
    list: () =>
      [...kinds].map(([code, { message, setting, count, lastAt }]) => ({ code, message, setting, count, lastAt })),
    close() {
      for (const [code, seen] of kinds) {
        seen.timer.cancel();
        writeRest(code, seen);
      }
    },
  });
}
