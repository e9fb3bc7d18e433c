import type { SignInOptions } from '@latchkey/contract';
import type { Session, SessionState } from '@latchkey/sdk-browser';
import { getAccount } from '@latchkey/sdk-browser/account';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useResource } from '../components/resource.ts';
import { useTitle } from '../components/use-title.ts';
import { Dialogs } from '../console/dialogs.tsx';
import { repeatWhileVisible } from '../platform/timers.ts';
import { onNextActivity } from '../platform/user-activity.ts';
import { words } from '../words/words.ts';
import { AccountHeader } from './account-header.tsx';
import { ActivityCard } from './activity-card.tsx';
import { DataCard } from './data-card.tsx';
import { EmailCard } from './email-card.tsx';
import { PasswordCard } from './password-card.tsx';
import { ProfileCard } from './profile-card.tsx';
import { expiryMessage, isActive } from './session-messages.ts';
import { createSessionsApi } from './sessions-api.ts';
import { SessionsCard } from './sessions-card.tsx';

interface AccountViewProps {
  readonly session: Session;
  readonly state: SessionState;
  /** What the tenant asks of a new password. */
  readonly readOptions: () => Promise<SignInOptions>;
  /**
   * Ends this session, or all sessions. The sign-in page then shows another message than after an end by another
   * client.
   */
  readonly signOut: (input: { readonly scope: 'session' | 'all'; readonly force?: boolean }) => Promise<unknown>;
}

const reloadMs = 5_000;

/** The user, the sessions, address, profile, password, activity and data. */
export function AccountView({ session, state, readOptions, signOut }: AccountViewProps) {
  const account = getAccount(session);
  const api = useMemo(() => createSessionsApi(session.fetch, location.origin), []);
  const me = useResource(account.profile);
  const sessions = useResource(api.list);
  const warning = useSignal<string | undefined>(undefined);
  const live = isActive(state);
  useTitle(words().account.title);
  useEffect(() => {
    if (!live) return undefined;
    const load = async (): Promise<void> => {
      await sessions.load();
      // The card of the sessions shows an error. The profile is read again with the sessions until it is there.
      if (me.value.peek() === undefined) await me.load();
    };
    warning.value = undefined;
    void load();
    return repeatWhileVisible(reloadMs, load);
  }, [live]);
  useEffect(() => {
    const hide = (): void => {
      warning.value = undefined;
    };
    let stopWaiting = () => {};
    const unlisten = session.on('session_expiring', ({ inSeconds, reason }) => {
      warning.value = expiryMessage(inSeconds, reason);
      stopWaiting();
      // The SDK reports the same press, so the warning is settled by it.
      if (reason === 'idle_timeout') stopWaiting = onNextActivity(hide);
    });
    return () => {
      unlisten();
      stopWaiting();
    };
  }, []);
  return (
    <div class="account" data-status={state.status}>
      <AccountHeader
        me={me.value.value}
        state={state}
        warning={warning.value}
        logOut={(force) => signOut({ scope: 'session', force })}
      />
      <SessionsCard
        sessions={sessions}
        isStale={!live}
        endOne={api.end}
        endOthers={() => session.logout({ scope: 'others' })}
        endAll={() => signOut({ scope: 'all' })}
      />
      {me.value.value?.email != null && <EmailCard me={me.value.value} account={account} reload={me.load} />}
      {me.value.value !== undefined && <ProfileCard me={me.value.value} change={account.update} reload={me.load} />}
      <PasswordCard email={me.value.value?.email ?? ''} readOptions={readOptions} change={account.changePassword} />
      <ActivityCard read={account.activity} />
      <DataCard account={account} signInAgain={() => signOut({ scope: 'session' })} />
      <Dialogs />
    </div>
  );
}
