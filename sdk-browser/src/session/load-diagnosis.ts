import type { SocketConnection } from '../connection/connection.ts';
import type { ConnectionDiagnostics } from '../connection/connection-diagnostics.ts';
import type { Timers } from '../platform/timers.ts';
import type { WarnOnce } from '../platform/warn-once.ts';
import { type ConnectionProblemHandlerDeps, createConnectionProblemHandler } from './connection-problem-handler.ts';

interface DiagnosisDeps extends ConnectionProblemHandlerDeps {
  readonly connection: SocketConnection;
  readonly timers: Timers;
  readonly warnOnce: WarnOnce;
  /** Origin of the socket server. */
  readonly url: string;
}

async function load(deps: DiagnosisDeps): Promise<ConnectionDiagnostics> {
  const { createConnectionDiagnostics, describeConnectionProblem } = await import('../connection/diagnosis.ts');
  const handle = createConnectionProblemHandler(deps);
  return createConnectionDiagnostics({
    ...deps,
    onProblem(problem) {
      deps.warnOnce(problem.reason, describeConnectionProblem(deps.url, problem));
      handle(problem);
    },
  });
}

/**
 * Returns a function that finds out why a connection could not be opened. Its code is loaded at the first failure, or after the
 * first connect, so that a page that stays open does not need it from a later deployment.
 */
export function createDiagnose(deps: DiagnosisDeps): (error: Error | undefined) => void {
  const { connection } = deps;
  let loading: Promise<ConnectionDiagnostics> | undefined;
  const run = async (use: (diagnostics: ConnectionDiagnostics) => void): Promise<void> => {
    loading ??= load(deps);
    const diagnostics = await loading.catch(() => {
      // The next failure loads it again.
      loading = undefined;
    });
    if (diagnostics !== undefined) use(diagnostics);
  };
  connection.socket.on('connect', () => void run((diagnostics) => diagnostics.clear()));
  return (error) =>
    void run((diagnostics) => {
      if (!connection.isConnected) diagnostics.examine(error);
    });
}
