/**
 * Environment of a Node process whose wall clock is so many milliseconds ahead: a preload moves `Date`, in place of libfaketime,
 * which is not everywhere. Timers and the monotonic clock stay right.
 */
export function shiftedClock(aheadMs: number): Readonly<Record<string, string>> {
  const preload = `const Right = Date;
    globalThis.Date = class Date extends Right {
      constructor(...args) { args.length === 0 ? super(Right.now() + ${aheadMs}) : super(...args); }
      static now() { return Right.now() + ${aheadMs}; }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
}
