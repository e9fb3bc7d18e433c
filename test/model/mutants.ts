import { type RowVerdict, type Rules, serviceRules } from './verdict.ts';

const { decide, apply } = serviceRules;

/** Rules that look reasonable and are wrong. The model has to find out about each, or it shows nothing. */
export const mutants: Readonly<Record<string, Rules>> = {
  'no deadline': { decide: (row, shown, now) => decide(row, { ...shown, until: now + 1 }, now), apply },
  'a deadline longer than the contended window': {
    decide: (row, shown, now) => decide(row, { ...shown, until: Math.min(shown.until + 10_000, now + 1) }, now),
    apply,
  },
  'strict single use': {
    decide: (row, shown, now) => (shown.gen < row.gen ? 'reuse' : decide(row, shown, now)),
    apply,
  },
  'the parent is always forgiven': {
    decide: (row, shown, now) => (shown.gen === row.gen - 1 ? 'replay' : decide(row, shown, now)),
    apply,
  },
  'a grace window instead of a key': {
    decide(row, shown, now) {
      const verdict: RowVerdict = decide(row, shown, now);
      return verdict === 'contended' && shown.gen === row.gen - 1 ? 'replay' : verdict;
    },
    apply,
  },
  'a repetition leaves no trace': {
    decide,
    apply: (row, shown, now, verdict) => (verdict === 'replay' ? row : serviceRules.apply(row, shown, now, verdict)),
  },
  'a repetition leaves the history as it is': {
    decide,
    apply: (row, shown, now, verdict) =>
      verdict === 'replay' ? { ...row, touchedAt: now } : serviceRules.apply(row, shown, now, verdict),
  },
  'a history of one': {
    decide,
    apply(row, shown, now, verdict) {
      const after = apply(row, shown, now, verdict);
      return { ...after, history: after.history.slice(-1) };
    },
  },
  'no contended window': {
    decide(row, shown, now) {
      const verdict = decide(row, shown, now);
      return verdict === 'contended' ? 'reuse' : verdict;
    },
    apply,
  },
  'contended without an end': {
    decide(row, shown, now) {
      const verdict = decide(row, shown, now);
      return verdict === 'reuse' ? 'contended' : verdict;
    },
    apply,
  },
  'a repetition rotates again': {
    decide(row, shown, now) {
      const verdict = decide(row, shown, now);
      return verdict === 'replay' ? 'rotate' : verdict;
    },
    apply,
  },
};
