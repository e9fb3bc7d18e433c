import type { Happening, SessionReason, SessionState, SessionStatus } from './session-state.ts';

function everywhere(status: SessionStatus): Readonly<Record<SessionStatus, SessionStatus>> {
  return {
    signed_out: status,
    joining: status,
    active: status,
    refreshing: status,
    offline: status,
    lost: status,
  };
}

const stay: Readonly<Record<SessionStatus, SessionStatus>> = {
  signed_out: 'signed_out',
  joining: 'joining',
  active: 'active',
  refreshing: 'refreshing',
  offline: 'offline',
  lost: 'lost',
};

/**
 * Where each happening leads, by the status that it finds. What is not named here stays as it is. The page
 * docs/session-states.md is made from it.
 */
export const transitions: Readonly<Record<Happening['type'], Readonly<Record<SessionStatus, SessionStatus>>>> = {
  joining: everywhere('joining'),
  authenticated: everywhere('active'),
  advanced: stay,
  refreshing: { ...stay, active: 'refreshing' },
  refreshed: { ...stay, refreshing: 'active' },
  offline: { ...everywhere('offline'), signed_out: 'signed_out', lost: 'lost' },
  signed_out: everywhere('signed_out'),
  lost: everywhere('lost'),
};

type Facts = Omit<SessionState, 'status'>;

function identityOf({ user, sessionId, generation, isBound, unboundReason }: SessionState): Facts {
  return {
    ...(user === undefined ? {} : { user }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(generation === undefined ? {} : { generation }),
    ...(isBound === undefined ? {} : { isBound }),
    ...(unboundReason === undefined ? {} : { unboundReason }),
  };
}

function reasonOf({ reason }: { readonly reason?: SessionReason | undefined }): Facts {
  return reason === undefined ? {} : { reason };
}

/** Another session is joined without what was known of this one. */
function join(state: SessionState, { sessionId, generation }: { sessionId?: string; generation?: number }): Facts {
  const same = sessionId !== undefined && sessionId === state.sessionId;
  return {
    ...(same ? identityOf(state) : {}),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(generation === undefined ? {} : { generation }),
  };
}

function advance(state: SessionState, sessionId: string, generation: number): Facts {
  const isNews = state.sessionId === sessionId && generation > (state.generation ?? -1);
  return isNews ? { generation } : {};
}

/** What is known of the session afterwards. */
function factsAfter(state: SessionState, happening: Happening): Facts {
  const known = { ...identityOf(state), ...reasonOf(state) };
  switch (happening.type) {
    case 'joining':
      return join(state, happening);
    case 'authenticated': {
      const { user, sessionId, generation, binding } = happening;
      return { user, sessionId, generation, ...binding };
    }
    case 'advanced':
      return { ...known, ...advance(state, happening.sessionId, happening.generation) };
    case 'signed_out':
      return reasonOf(happening);
    case 'lost':
      return { ...identityOf(state), reason: happening.reason };
    default:
      return known;
  }
}

function isSame(a: SessionState, b: SessionState): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.user === b.user &&
    a.sessionId === b.sessionId &&
    a.generation === b.generation &&
    a.isBound === b.isBound &&
    a.unboundReason === b.unboundReason
  );
}

/** The state after something happened; the same object when nothing changed. */
export function nextState(state: SessionState, happening: Happening): SessionState {
  const next = { status: transitions[happening.type][state.status], ...factsAfter(state, happening) };
  return isSame(state, next) ? state : Object.freeze(next);
}
