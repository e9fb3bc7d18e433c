import type { SessionAction, SessionState, SessionStatus } from './session-state.ts';

type Row = Readonly<Record<SessionStatus, SessionStatus>>;

const statuses = ['signed_out', 'connecting', 'active', 'refreshing', 'offline', 'error'] as const;

function rowOf(next: (status: SessionStatus) => SessionStatus): Row {
  return Object.fromEntries(statuses.map((status) => [status, next(status)])) as Row;
}

function everywhere(status: SessionStatus): Row {
  return rowOf(() => status);
}

const unchanged = /* @__PURE__ */ rowOf((status) => status);

/**
 * The next status for each action and current status. Actions of `unchanged` keep the status. docs/reference/session-states.md is
 * generated from this table.
 */
export const transitions: Readonly<Record<SessionAction['type'], Row>> = {
  connecting: everywhere('connecting'),
  authenticated: everywhere('active'),
  redeemed: everywhere('offline'),
  advanced: unchanged,
  refreshing: { ...unchanged, active: 'refreshing' },
  refreshed: { ...unchanged, refreshing: 'active' },
  offline: { ...everywhere('offline'), signed_out: 'signed_out', error: 'error' },
  signed_out: everywhere('signed_out'),
  error: everywhere('error'),
};

type Facts = Omit<SessionState, 'status'>;

function identityOf({ status: _status, reason: _reason, ...identity }: SessionState): Facts {
  return identity;
}

const scoped = (scope: string | undefined) => (scope === undefined ? {} : { scope });

/** Returns the other members of the state after an action. */
function factsAfter(state: SessionState, happening: SessionAction): Facts {
  const { status: _status, ...known } = state;
  switch (happening.type) {
    case 'connecting': {
      const { type: _type, ...held } = happening;
      // A different session starts without the members of the previous one.
      const isSame = held.sessionId !== undefined && held.sessionId === state.sessionId;
      return { ...(isSame ? identityOf(state) : {}), ...held };
    }
    case 'redeemed':
    case 'authenticated': {
      const { type: _type, binding, ...granted } = happening;
      return { ...granted, ...binding };
    }
    case 'advanced': {
      const { sessionId, generation, scope = state.scope } = happening;
      const isLater = state.sessionId === sessionId && generation > (state.generation ?? -1);
      return isLater ? { ...known, generation, ...scoped(scope) } : known;
    }
    case 'refreshed':
      return { ...known, ...scoped(happening.scope) };
    case 'signed_out': {
      const { type: _type, ...facts } = happening;
      return facts;
    }
    case 'offline': {
      const { reason } = happening;
      return reason === undefined || transitions.offline[state.status] !== 'offline' ? known : { ...known, reason };
    }
    case 'error':
      return { ...identityOf(state), reason: happening.reason };
    default:
      return known;
  }
}

function isSame(a: SessionState, b: SessionState): boolean {
  const names = Object.keys({ ...a, ...b }) as (keyof SessionState)[];
  return names.every((name) => a[name] === b[name]);
}

/** Returns the state after an action, or the same object when nothing has changed. */
export function nextState(state: SessionState, happening: SessionAction): SessionState {
  const next = { status: transitions[happening.type][state.status], ...factsAfter(state, happening) };
  return isSame(state, next) ? state : Object.freeze(next);
}
