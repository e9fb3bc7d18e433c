import { type Failure, pagePaths } from '@latchkey/contract';
import type { Session, SessionState } from '@latchkey/sdk-browser';
import { getAdmin } from '@latchkey/sdk-browser/admin';
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { isActive } from '../account/session-messages.ts';
import { PageLink } from '../components/page-link.tsx';
import { useTitle } from '../components/use-title.ts';
import { createThrottle, repeatWhileVisible } from '../platform/timers.ts';
import { fill, words } from '../words/words.ts';
import { createConsoleApi } from './console-api.ts';
import { closeDialogs, Dialogs } from './dialogs.tsx';
import { ForbiddenCard } from './forbidden-card.tsx';
import { liveStatusMessage } from './labels.ts';
import type { Loader } from './section-card.tsx';
import { sectionFromHash, sectionNames } from './sections.ts';

interface ConsoleViewProps {
  readonly session: Session;
  readonly state: SessionState;
  /** Ends this session. The next sign-in returns to the console. */
  readonly signOut: () => Promise<unknown>;
}

const minReloadMs = 1_000;
/**
 * For changes without an update: sessions without a socket that are opened, rotated over HTTP or expire, the minutes of
 * the chart, users, tenants, backends, keys and the audit.
 */
const pollMs = 5_000;

/**
 * The operators' page. It is shown after the service has confirmed that the user is an operator, and is updated live.
 */
export function ConsoleView({ session, state, signOut }: ConsoleViewProps) {
  const { console } = words();
  const access = useSignal<'unknown' | 'allowed' | Failure>('unknown');
  /** The fragment of the address. Another number means that the section is made anew. */
  const address = useSignal({ hash: location.hash, number: 1 });
  const place = useRef<HTMLDivElement>(null);
  const loader = useRef<Loader['current']>(undefined);
  const forbid = (failure: Failure): void => {
    closeDialogs();
    access.value = failure;
  };
  const api = useMemo(
    () => createConsoleApi({ fetch: getAdmin(session).fetch, origin: location.origin, onForbidden: forbid }),
    [],
  );
  const show = (): void => {
    address.value = { hash: location.hash, number: address.peek().number + 1 };
  };
  useEffect(() => {
    const throttle = createThrottle(minReloadMs, async () => loader.current?.());
    const unsubscribe = getAdmin(session).subscribe({
      ready() {
        if (access.peek() === 'allowed') throttle.run();
        access.value = 'allowed';
      },
      update() {
        if (sectionFromHash(location.hash).section.isLive) throttle.run();
      },
      error: forbid,
    });
    const stop = repeatWhileVisible(pollMs, () => isActive(session.state) && throttle.run());
    window.addEventListener('hashchange', show);
    return () => {
      unsubscribe();
      stop();
      throttle.stop();
      window.removeEventListener('hashchange', show);
      closeDialogs();
    };
  }, []);
  const { hash, number } = address.value;
  useLayoutEffect(() => {
    if (number > 1) place.current?.querySelector('h2')?.focus();
  }, [number]);
  const { name, section, query } = sectionFromHash(hash);
  const isAllowed = access.value === 'allowed';
  useTitle(isAllowed ? fill(console.titleOfPart, { part: console[name] }) : console.title);
  return (
    <div class="console" data-status={state.status} data-stale={!isActive(state)}>
      <div class="head-line">
        <h1 tabindex={-1}>{console.title}</h1>
        <PageLink path={pagePaths.account}>{console.toAccount}</PageLink>
      </div>
      <p class="status hint" role="status" data-testid="status" hidden={typeof access.value === 'object'}>
        {isAllowed ? liveStatusMessage(state) : words().page.loading}
      </p>
      <nav class="parts" aria-label={console.title} hidden={!isAllowed}>
        {sectionNames.map((other) => (
          <a
            key={other}
            href={`#${other}`}
            aria-current={other === name ? 'page' : undefined}
            // The address stays as it is: a click on the part that is shown shows it anew, without what was searched for.
            onClick={() => location.hash === `#${other}` && show()}
          >
            {console[other]}
          </a>
        ))}
      </nav>
      <div class="place" ref={place}>
        {isAllowed && (
          <section.Section
            key={number}
            api={api}
            user={session.user}
            sessionId={session.sessionId}
            query={query}
            loader={loader}
          />
        )}
        {typeof access.value === 'object' && <ForbiddenCard failure={access.value} signOut={signOut} />}
      </div>
      <Dialogs />
    </div>
  );
}
