import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { ConsoleApi } from './console-api.ts';
import { accountName } from './labels.ts';

/** Shows the name of a user by the id. Shows the id until the name is loaded, and if it cannot be loaded. */
export type NameCache = (id: string) => ReadonlySignal<string>;

/** Names of users. Each is requested once. */
export function useNameCache({ user }: Pick<ConsoleApi, 'user'>): NameCache {
  return useMemo(() => {
    const known = new Map<string, Signal<string>>();
    return (id) => {
      const name = known.get(id) ?? signal(id);
      if (known.has(id)) return name;
      known.set(id, name);
      user(id).then(
        (found) => {
          name.value = accountName(found);
        },
        () => known.delete(id),
      );
      return name;
    };
  }, []);
}

/** Leads to what one user did. */
export function AuditLink({ names, id }: { readonly names: NameCache; readonly id: string }) {
  return <a href={`#audit?user=${id}`}>{names(id)}</a>;
}
