import { type Authenticated, Failure, type TokenResponse } from '@latchkey/contract';
import { initialState, reduce } from '../sdk-browser/src/session/reduce.ts';
import type { SessionEvent } from '../sdk-browser/src/session/session-event.ts';
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

const user = { id: 'u', tenant_id: 't' };
const held = { token: 't', sid: 's', gen: 1 };
const facts = { stored: held, lastEnd: undefined };
const answer = { user } as unknown as Authenticated;
const granted = { user, sessionId: 's', generation: 1 };
const redeemed = { user, held, answer: {} as TokenResponse, binding: {} };

type Example<Type> = Omit<Extract<SessionEvent, { readonly type: Type }>, 'type'>;

/** What each event means, with an example of one in the state `active`, while the storage has the token of the session. */
const events: { readonly [Type in SessionEvent['type']]: readonly [meaning: string, example: Example<Type>] } = {
  connecting: ['the storage of the session is being opened', {}],
  advanced: ['the refresh grant has replaced the token', { sessionId: 's', generation: 2 }],
  refreshing: ['an access token was requested on the live connection', {}],
  refreshed: ['that request was answered or failed', {}],
  offline: ['the connection is lost, or an attempt to make one failed', {}],
  resumed: ['`connect` has opened the storage', facts],
  closed: ['the session was closed permanently', {}],
  connected: ['the connection is open', facts],
  disconnected: ['the connection was closed, by either side', {}],
  reconnecting: ['another connection is about to replace the present one', facts],
  connect_failed: ['an attempt failed before the connection was open', {}],
  authenticated: ['the credential was accepted, and its token is stored', { answer, held, binding: {}, ...facts }],
  unauthorized: ['a credential was refused', { error: { code: 'busy', message: '', retryable: true } }],
  ended: ['the session has ended', { sessionId: 's', reason: 'logout', lastEnd: undefined }],
  rejected: ['the service rejects this client', { reason: 'forbidden' }],
  code_received: ['a sign-in has received a code', facts],
  code_rejected: ['the pending code was refused permanently', { failure: new Failure('code_invalid'), ...facts }],
  code_timed_out: ['the pending code has reached its timeout', facts],
  redeemed: ['the pending code was redeemed over HTTP', redeemed],
  tokens_changed: [
    'the token storage may have changed; here it has a later generation',
    { ...facts, stored: { ...held, gen: 2 } },
  ],
  logout_started: ['a log-out has begun', {}],
  logout_finished: ['a log-out has succeeded or failed', facts],
  refresh_due: ['the access token has to be replaced', {}],
  rotation_due: ['the token of the session has to be replaced', facts],
};

const active = { ...initialState, isLive: true, session: { status: 'active', ...granted } } as const;

function rowOfEvent([type, [meaning, example]]: [string, readonly [string, object]]): string {
  const { state, effects } = reduce(active, { type, ...example } as SessionEvent);
  const names = effects.map((effect) => `\`${effect.type === 'emit' ? `emit ${effect.name}` : effect.type}\``);
  return `| \`${type}\` | ${meaning} | \`${state.session.status}\` | ${names.join(', ')} |`;
}

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

Each tab has one state, \`session.state\`: a frozen object. The components of a session dispatch events. A pure function decides
the next state and the effects of an event (\`sdk-browser/src/session/reduce.ts\`), and the effects call the components
(\`sdk-browser/src/session/effects.ts\`). The state changes only by the actions of one table
(\`sdk-browser/src/session/transitions.ts\`).

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

## Events

The next status and the effects of an event in the state \`active\`, while the storage has the token of the session. Effects run in
this order, in the task of the event. \`publish\` emits the state if it has changed.

| event | means | next | effects |
|---|---|---|---|
${Object.entries(events).map(rowOfEvent).join('\n')}
`;
}
