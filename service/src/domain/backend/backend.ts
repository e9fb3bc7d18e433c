import { type BackendScope, backendScopes, slugPattern } from '@latchkey/contract';

/** A Node app with sdk-server, and what it may ask for. */
export interface Backend {
  readonly id: string;
  readonly name: string;
  /** The only tenant it sees; `null`: all of them. */
  readonly tenantId: string | null;
  readonly scopes: readonly BackendScope[];
  /** Where the pages of its browsers come from; empty: it decides by itself. */
  readonly origins: readonly string[];
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
}

export interface NewBackend {
  /** Absent: made from the name and a few random characters. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly tenantId?: string | null | undefined;
  /** Absent: {@link defaultScopes}. */
  readonly scopes?: readonly string[] | undefined;
  readonly origins?: readonly string[] | undefined;
}

/** The scopes that an app needs to sign users in. `admin` has to be requested by name. */
export const defaultScopes: readonly BackendScope[] = backendScopes.filter((scope) => scope !== 'admin');

export function isBackendId(id: string): boolean {
  return slugPattern.test(id);
}

export function isBackendScope(scope: string): scope is BackendScope {
  return (backendScopes as readonly string[]).includes(scope);
}

/** `Bank of Ada` → `bank-of-ada-<chance>`. */
export function backendIdFromName(name: string, suffix: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `${plain.slice(0, 40) || 'backend'}-${suffix}`;
}
