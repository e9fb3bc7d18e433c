import type { SessionAction, SessionStatus } from '../sdk-browser/src/session/session-state.ts';
import { transitions } from '../sdk-browser/src/session/transitions.ts';

/** What each status means to a page. */
const statuses: Readonly<Record<SessionStatus, string>> = {
  signed_out: 'nobody is signed in here; `reason` says why, when something ended it',
  connecting: 'a credential is being shown to the service',
  active: 'signed in, on a live socket',
  refreshing: 'signed in, on a live socket, a token is being replaced',
  offline:
    'signed in as far as known; there is no socket, attempts to connect continue; with `reason` `no_websocket` the session works over HTTP alone',
  error: 'the service refuses to understand this client (`reason`); the stored token is kept',
};

/** What each happening is, as one tab sees it. */
const happenings: Readonly<Record<SessionAction['type'], string>> = {
  connecting: 'a code, or the token in the jar, is about to be shown on a fresh connection',
  authenticated: 'the service accepted it',
  redeemed: 'a code was redeemed over HTTP, because something is in the way of the socket',
  advanced: 'another tab, or the refresh grant, replaced the token of this session',
  refreshing: 'a token is asked for on the live connection',
  refreshed: 'that was answered, well or not',
  offline: 'the connection is lost, or an attempt to make one failed',
  signed_out: 'a log-out, here or elsewhere; a verdict that ends the session; or an empty jar',
  error: 'a refusal that is no verdict about the token and does not pass by waiting',
};

type Table = Readonly<Record<string, string>>;

function listOf(meanings: Table): string {
  return Object.entries(meanings)
    .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
    .join('\n');
}

function rowOf(status: SessionStatus): string {
  const cells = Object.values(transitions).map((leads) => (leads[status] === status ? '·' : leads[status]));
  return `| **\`${status}\`** | ${cells.join(' | ')} |`;
}

/** The state machine of a browser's session, from its own table. */
export function sessionStatesPage(): string {
  const columns = Object.keys(transitions);
  return `# States of a session in the browser

Each tab has one state, \`session.state\`: a frozen object, replaced by a pure function of itself and of what happened
(\`sdk-browser/src/session/transitions.ts\`). Everything else subscribes to it.

| status | means |
|---|---|
${listOf(statuses)}

| what happens | |
|---|---|
${listOf(happenings)}

Which status follows: rows are the status before, columns what happens, a dot means no change.

| | ${columns.map((name) => `\`${name}\``).join(' | ')} |
|---|${columns.map(() => '---').join('|')}|
${(Object.keys(statuses) as SessionStatus[]).map(rowOf).join('\n')}

- No failure of the network, the service or storage leads to \`signed_out\`.
- \`connecting\` keeps user, session and generation when the session is the same, and forgets them when it is
  another: somebody signed in again, here or in another tab.
- \`advanced\` takes a later generation of the same session, and nothing else.
- \`offline\` keeps its reason \`no_websocket\` until a connection is open.
- \`error\` has the reason \`origin_refused\`, \`not_a_service\` or \`connection_refused\` when the socket can never open, and
  \`internal_error\` after five such answers in a row.
- \`error\` is left by \`connect()\`, by a sign-in, when the page is shown again or the network is back, or when another tab
  changes the jar.
`;
}
