import type { LoadResult } from './load.ts';

/** Returns the CPU time, user and system, that a process has used so far, in microseconds. */
export type CpuTime = () => number | Promise<number>;

/** CPU time of this process. */
export function ownCpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** One value of a metric. */
export interface Measurement {
  readonly value: number;
  /** CPU time that one operation costs the measured process, in microseconds. Missing if the row has no operation. */
  readonly cpuMicros?: number;
}

/** Runs `work` and returns its result with the CPU time that the process used meanwhile. */
export async function measureCpu<T>(
  work: () => Promise<T>,
  cpuTime: CpuTime,
): Promise<{ result: T; cpuMicros: number }> {
  const before = await cpuTime();
  const result = await work();
  return { result, cpuMicros: (await cpuTime()) - before };
}

/** Runs a load. The value is its operations a second. Default: the load runs in this process. */
export async function measureRate(run: () => Promise<LoadResult>, cpuTime: CpuTime = ownCpuTime): Promise<Measurement> {
  const { result, cpuMicros } = await measureCpu(run, cpuTime);
  return { value: result.operations / (result.ms / 1_000), cpuMicros: cpuMicros / result.operations };
}
