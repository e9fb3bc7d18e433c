// Preloaded into a node: its wall clock is apart from the others' by DATE_SHIFT_MS. Timers and the monotonic clock stay.
const shiftMs = Number(process.env.DATE_SHIFT_MS);
const Real = Date;

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + shiftMs);
    else super(...given);
  }

  static now() {
    return Real.now() + shiftMs;
  }
};
