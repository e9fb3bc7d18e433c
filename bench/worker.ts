import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Calls, WorkerRequest, WorkerResponse } from './serve-calls.ts';

/** A child process that answers calls. It ends with this process. */
export interface WorkerProcess<C extends Calls> {
  call<N extends keyof C & string>(name: N, input: Parameters<C[N]>[0]): Promise<Awaited<ReturnType<C[N]>>>;
  /** CPU time of the child process. */
  cpuTime(): Promise<number>;
  stop(): Promise<void>;
}

/** Packages under test are the built ones. Only the files of the bench use the loader tsx. */
const flags = ['--import', 'tsx', '--expose-gc'];

/** Starts `entry` and resolves when it answers. Its standard output is discarded, its standard error is inherited. */
export async function startWorker<C extends Calls>(
  entry: URL,
  moreFlags: readonly string[] = [],
): Promise<WorkerProcess<C>> {
  const child = fork(fileURLToPath(entry), {
    execArgv: [...flags, ...moreFlags],
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const pending = listen(child);
  let calls = 0;
  const call = (name: string, input: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      const id = calls++;
      pending.set(id, { resolve, reject });
      child.send({ id, name, input } satisfies WorkerRequest);
    });
  await call('ping', undefined);
  return {
    call: call as WorkerProcess<C>['call'],
    cpuTime: () => call('cpuTime', undefined) as Promise<number>,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

interface PendingReply {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

function listen(child: ChildProcess): Map<number, PendingReply> {
  const pending = new Map<number, PendingReply>();
  child.on('message', (response: WorkerResponse) => {
    const { resolve, reject } = pending.get(response.id)!;
    pending.delete(response.id);
    if ('error' in response) reject(new Error(response.error));
    else resolve(response.output);
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of pending.values()) reject(new Error(`a process of the bench ended: ${code ?? signal}`));
  });
  return pending;
}
