'use client';

import { useMemo, useSyncExternalStore } from 'react';
import type { Account } from '../account/get-account.ts';
import { createProfileStore, loadingProfile, type ProfileState, type ProfileStore } from './profile-store.ts';
import { useStore } from './session-provider.ts';
import type { ExternalStore } from './store.ts';

/** The profile of the signed-in user, and the methods of {@link Account}. It is the same object until the profile changes. */
export type CurrentAccount = ProfileState &
  Omit<Account, 'profile' | 'subscribe'> & {
    /** Reads the profile again. Never rejects: `error` has the failure. */
    readonly refresh: () => Promise<void>;
  };

const profiles = new WeakMap<ExternalStore, ProfileStore>();

function getProfileStore(store: ExternalStore): ProfileStore {
  const known = profiles.get(store) ?? createProfileStore(store);
  profiles.set(store, known);
  return known;
}

/**
 * Returns the profile of the signed-in user and the methods of `getAccount`, and renders again after each change of the profile.
 * All components of a provider share one request. The profile is read again after changes by these methods, and when the claims
 * of `session.user` change. Throws `TypeError` outside a {@link SessionProvider}.
 *
 * @example
 * const { profile, error, isLoading, changePassword } = useAccount();
 * if (profile === undefined) return isLoading ? <Spinner /> : <p>{error?.code ?? 'Signed out'}</p>;
 * return <p>{profile.email}</p>;
 */
export function useAccount(): CurrentAccount {
  const store = getProfileStore(useStore());
  const state = useSyncExternalStore(store.subscribe, store.state, () => loadingProfile);
  return useMemo(() => {
    const { profile: _profile, subscribe: _subscribe, ...methods } = store.account;
    return Object.freeze({ ...methods, ...state, refresh: store.refresh });
  }, [state, store]);
}
