import type { SessionAction, SessionState, SessionStatus } from './session-state.ts';

type Row = Readonly<Record<SessionStatus, SessionStatus>>;

const statuses = ['signed_out', 'connecting', 'active', 'refreshing', 'offline', 'error'] as const;

function rowOf(next: (status: SessionStatus) => SessionStatus): Row {
  return Object.fromEntries(statuses.map((status) => [status, next(status)])) as Row;
}

function everywhere(status: SessionStatus): Row {
  return rowOf(() => status);
}

const stay = /* @__PURE__ */ rowOf((status) => status);

/**
 * Where each happening leads, by the status that it finds. What is not named here stays as it is. The page
 * docs/session-states.md is made from it.
 */
export const transitions: Readonly<Record<SessionAction['type'], Row>> = {
  connecting: everywhere('connecting'),
  authenticated: everywhere('active'),
  redeemed: everywhere('offline'),
  advanced: stay,
  refreshing: { ...stay, active: 'refreshing' },
  refreshed: { ...stay, refreshing: 'active' },
  offline: { ...everywhere('offline'), signed_out: 'signed_out', error: 'error' },
  signed_out: everywhere('signed_out'),
  error: everywhere('error'),
};

type Facts = Omit<SessionState, 'status'>;

function identityOf({ status: _status, reason: _reason, ...identity }: SessionState): Facts {
  return identity;
}

const scoped = (scope: string | undefined) => (scope === undefined ? {} : { scope });

/** What is known of the session afterwards. */
function factsAfter(state: SessionState, happening: SessionAction): Facts {
  const { status: _status, ...known } = state;
  switch (happening.type) {
    case 'connecting': {
      const { type: _type, ...held } = happening;
      // Another session begins without what was known of this one.
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
      const isNews = state.sessionId === sessionId && generation > (state.generation ?? -1);
      return isNews ? { ...known, generation, ...scoped(scope) } : known;
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

const shown = ['status', 'reason', 'user', 'sessionId', 'generation', 'scope', 'isBound', 'unboundReason'] as const;

function isSame(a: SessionState, b: SessionState): boolean {
  return shown.every((name) => a[name] === b[name]);
}

/** The state after something happened; the same object when nothing changed. */
export function nextState(state: SessionState, happening: SessionAction): SessionState {
  const next = { status: transitions[happening.type][state.status], ...factsAfter(state, happening) };
  return isSame(state, next) ? state : Object.freeze(next);
}
