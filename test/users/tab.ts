import { createSession, type Session } from '@latchkey/sdk-browser';
import { getOnlineUsers, type OnlineUsersState } from '@latchkey/sdk-browser/users';
import { waitFor } from '../../test-kit/wait-for.ts';

const password = 'correct horse battery';

/** A tab of a user that follows who is online. */
export interface Tab {
  readonly session: Session;
  /** What it got last. */
  latest(): OnlineUsersState | undefined;
  /** The names that the app shows, or else the ids, in order. */
  names(): readonly unknown[];
  close(): void;
}

interface Urls {
  readonly url: string;
  readonly socketUrl?: string;
}

/** Signs a user in by a session of its own, or registers it in the tenant. */
export async function openTab(
  urls: Urls,
  how: 'login' | 'register',
  { name, tenant }: { name: string; tenant: string },
): Promise<Tab> {
  const session = createSession({ ...urls, useDpop: false });
  await session[how]({ email: `${name}@example.test`, password, tenant });
  let latest: OnlineUsersState | undefined;
  const leave = getOnlineUsers(session).subscribe((online) => {
    latest = online;
  });
  return {
    session,
    latest: () => latest,
    names: () => Array.from(latest?.users ?? [], (user) => user.name ?? user.user_id).sort(),
    close() {
      leave();
      session.close();
    },
  };
}

/** Waits until each of the tabs shows these users, and no others. */
export async function showing(tabs: readonly Tab[], ...names: readonly string[]): Promise<void> {
  const shown = () => tabs.map((tab) => tab.names().join());
  await waitFor(() => shown().every((each) => each === names.toSorted().join()), 20_000, shown);
}
