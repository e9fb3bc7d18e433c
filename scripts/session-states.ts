import type { SessionAction, SessionStatus } from '../sdk-browser/src/session/session-state.ts';
import { transitions } from '../sdk-browser/src/session/transitions.ts';

/** What each status means to a page. */
const statuses: Readonly<Record<SessionStatus, string>> = {
  signed_out: 'no user is signed in; if a session was ended, `reason` states why',
  connecting: 'a credential is being sent to the service',
  active: 'signed in, on a live socket',
  refreshing: 'signed in, on a live socket, a token is being replaced',
  offline:
    'signed in, without a socket; attempts to connect continue; with the `reason` `no_websocket` the session works over HTTP alone',
  error: 'the service refused the connection (`reason`); the stored token is kept',
};

/** What each action of a tab is. */
const happenings: Readonly<Record<SessionAction['type'], string>> = {
  connecting: 'a code or the stored token is about to be sent on a new connection',
  authenticated: 'the service accepted the credential',
  redeemed: 'a code was redeemed over HTTP, because no socket can be opened',
  advanced: 'another tab, or the refresh grant, replaced the token of this session',
  refreshing: 'a token was requested on the live connection',
  refreshed: 'that request was answered or failed',
  offline: 'the connection is lost, or an attempt to make one failed',
  signed_out: 'a logout in this tab or another; a verdict that ends the session; or an empty token storage',
  error: 'a refusal that says nothing about the token and that a retry does not change',
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

Each tab has one state, \`session.state\`: a frozen object, replaced by a pure function of the state and an action
(\`sdk-browser/src/session/transitions.ts\`). Everything else subscribes to it.

| status | means |
|---|---|
${listOf(statuses)}

| action | means |
|---|---|
${listOf(happenings)}

The next status: rows are the status before, columns the action, a dot means no change.

| | ${columns.map((name) => `\`${name}\``).join(' | ')} |
|---|${columns.map(() => '---').join('|')}|
${(Object.keys(statuses) as SessionStatus[]).map(rowOf).join('\n')}

- No failure of the network, the service or storage leads to \`signed_out\`.
- \`connecting\` keeps user, session and generation when the session is the same, and removes them when it is
  another, after a new sign-in in this tab or another.
- \`advanced\` takes a later generation of the same session, and nothing else.
- \`offline\` keeps its reason \`no_websocket\` until a connection is open.
- \`error\` has the reason \`origin_refused\`, \`not_a_service\` or \`connection_refused\` when the socket can never open, and
  \`internal_error\` after five such answers in a row.
- \`error\` is left by \`connect()\`, by a sign-in, when the page is shown again or the network is back, or when another tab
  changes the token storage.
`;
}
