/** A way to sign in. */
export type SignInWay = 'password' | 'mail';

interface MemoryStorages {
  /** Shared by the tabs. */
  readonly local: Storage;
  /** Of this tab alone. */
  readonly tab: Storage;
}

/** What this browser stores for the next sign-in. An address is kept for the next page of the tab only. */
export type SignInMemory = ReturnType<typeof createSignInMemory>;

const addressName = 'latchkey:sign-in:address';
const wayName = (tenant: string | undefined): string => `latchkey:sign-in:way:${tenant ?? ''}`;
const isWay = (value: unknown): value is SignInWay => value === 'password' || value === 'mail';

/**
 * Stores nothing where the browser forbids the storage.
 *
 * @example
 * const memory = createSignInMemory(() => ({ local: localStorage, tab: sessionStorage }));
 */
export function createSignInMemory(open: () => MemoryStorages) {
  const attempt = <Result>(use: (storages: MemoryStorages) => Result): Result | undefined => {
    try {
      return use(open());
    } catch {
      return undefined;
    }
  };
  return Object.freeze({
    saveWay: (tenant: string | undefined, way: SignInWay): void =>
      void attempt(({ local }) => local.setItem(wayName(tenant), way)),
    /** The way that signed in last on the pages of this tenant. */
    lastWay(tenant: string | undefined): SignInWay | undefined {
      const found = attempt(({ local }) => local.getItem(wayName(tenant)));
      return isWay(found) ? found : undefined;
    },
    /** Hands the address to the next page of this tab, so that it is typed once. */
    carryAddress: (email: string): void => void attempt(({ tab }) => tab.setItem(addressName, email)),
    /** The address that the page before handed over. It is removed. */
    takeAddress(): string | undefined {
      const found = attempt(({ tab }) => tab.getItem(addressName));
      attempt(({ tab }) => tab.removeItem(addressName));
      return found ?? undefined;
    },
  });
}

/** Returns the memory of this browser. */
export function getSignInMemory(): SignInMemory {
  return createSignInMemory(() => ({ local: localStorage, tab: sessionStorage }));
}
