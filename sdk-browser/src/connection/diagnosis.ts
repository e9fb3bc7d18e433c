/** What finds out why a connection cannot be opened. It is one file, because it is loaded on demand. */
export { createConnectionDiagnostics } from './connection-diagnostics.ts';
export { describeConnectionProblem } from './describe-connection-problem.ts';
export { checkReachability } from './reachability.ts';
