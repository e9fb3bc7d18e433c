import { runComparison, type Samples } from './comparison.ts';
import { plans } from './plans.ts';
import { serveCalls } from './serve-calls.ts';

const rounds = 5;

export type PlanHostCalls = {
  /** Measures a row and its floor, five rounds after the warm-ups. */
  measure(name: string): Promise<Samples>;
};

const calls: PlanHostCalls = {
  measure: (name) => runComparison(plans.find((plan) => plan.name === name)!, rounds),
};

/** One run of the bench, in a separate process. */
serveCalls(calls);
