import type { SessionInfo } from '@latchkey/contract';
import { formatAge } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';

interface SessionRowProps {
  readonly session: SessionInfo;
  /** The service's time when it answered, `NaN` when unknown. */
  readonly now: number;
  readonly onEnd: () => void;
}

/** One browser or device of the user. */
export function SessionRow({ session, now, onEnd }: SessionRowProps) {
  const { browser, current, last_active_at } = session;
  const { account } = words();
  const address = session.address_prefix ?? account.addressUnknown;
  // This browser is online, even if the list of the service is older than its connection.
  const isOnline = session.online || current;
  return (
    <li class="session" data-testid="session-row" data-current={current} data-online={isOnline}>
      <div>
        <p class="browser">
          {browser} {current && <span class="badge">{account.thisBrowser}</span>}
        </p>
        <p class="facts">{fill(account.active, { address, age: formatAge(last_active_at, now) })}</p>
      </div>
      <span class="presence">{isOnline ? account.online : account.offline}</span>
      {!current && (
        <button
          type="button"
          data-testid="end-session"
          aria-label={fill(account.endOne, { browser, address })}
          onClick={onEnd}
        >
          {account.end}
        </button>
      )}
    </li>
  );
}
