import type { CurrentUser, Failure } from '@latchkey/contract';
import { type Account, getAccount } from '../account/get-account.ts';
import { wrapError } from '../platform/fail.ts';
import { createSubscribable } from '../platform/subscribable.ts';
import type { Unsubscribe } from '../session/session.ts';
import type { SessionState } from '../session/session-state.ts';
import type { ExternalStore } from './store.ts';

/** The profile of the signed-in user. Each change creates a new object. */
export interface ProfileState {
  /** `undefined` before it is read, and while no user is signed in. It stays while it is read again. */
  readonly profile: CurrentUser | undefined;
  /** Why the last attempt to read it failed. */
  readonly error: Failure | undefined;
  readonly isLoading: boolean;
}

/** The state before the session is known: on the server, and in the first render. */
export const loadingProfile: ProfileState = Object.freeze({ profile: undefined, error: undefined, isLoading: true });

const noProfile: ProfileState = Object.freeze({ ...loadingProfile, isLoading: false });

/**
 * Creates the profile of the session's user as an external store of React. It is read for the first subscriber, and again when
 * the claims in `session.user` change.
 */
export function createProfileStore(store: Pick<ExternalStore, 'session' | 'state' | 'subscribe'>) {
  const account: Account = getAccount(store.session);
  let current = loadingProfile;
  /** The user whose profile was read last, with the claims of that time. */
  let readFor: string | undefined;

  const set = (next: ProfileState): void => {
    current = Object.freeze(next);
    changes.publish();
  };
  const refresh = async (): Promise<void> => {
    const reader = store.state().user?.id;
    const isCurrent = (): boolean => store.state().user?.id === reader;
    set({ ...current, isLoading: true });
    await account.profile().catch((cause: unknown) => {
      if (isCurrent()) set({ ...current, error: wrapError(cause, 'unavailable'), isLoading: false });
    });
  };
  const onState = ({ status, user }: SessionState): void => {
    const claims = user === undefined ? undefined : JSON.stringify(user);
    if (claims === readFor && user !== undefined) return;
    readFor = claims;
    const isExpected = user !== undefined || status === 'connecting';
    if (user === undefined || current.profile?.id !== user.id) set(isExpected ? loadingProfile : noProfile);
    if (user !== undefined) void refresh();
  };
  const changes = createSubscribable<void>(() => {
    const removals: Unsubscribe[] = [
      account.subscribe((profile) => {
        // The user may have changed since the request.
        if (profile.id === store.state().user?.id) set({ profile, error: undefined, isLoading: false });
      }),
      store.subscribe(() => onState(store.state())),
    ];
    onState(store.state());
    return () => {
      for (const remove of removals) remove();
      readFor = undefined;
    };
  });
  return Object.freeze({ account, state: () => current, subscribe: changes.subscribe, refresh });
}

/** The profile of a session's user. */
export type ProfileStore = ReturnType<typeof createProfileStore>;
