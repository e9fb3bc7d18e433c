import type { SessionInfo } from '@latchkey/contract';
import { formatAge } from '../messages.ts';

interface SessionRowProps {
  readonly session: SessionInfo;
  /** The service's time when it answered, `NaN` when unknown. */
  readonly now: number;
  readonly onEnd: () => void;
}

/** One browser or device of the user. */
export function SessionRow({ session, now, onEnd }: SessionRowProps) {
  const { browser, current, last_active_at } = session;
  const address = session.address_prefix ?? 'address unknown';
  // This browser calls over a live connection, even if the service's list is older than that.
  const isOnline = session.online || current;
  return (
    <li class="session" data-testid="session-row" data-current={current} data-online={isOnline}>
      <div>
        <p class="browser">
          {browser} {current && <span class="badge">This browser</span>}
        </p>
        <p class="facts">{`${address} · active ${formatAge(last_active_at, now)}`}</p>
      </div>
      <span class="presence">{isOnline ? 'Online' : 'Offline'}</span>
      {!current && (
        <button type="button" data-testid="end-session" aria-label={`End ${browser}, ${address}`} onClick={onEnd}>
          End
        </button>
      )}
    </li>
  );
}
