'use client';

export { SessionProvider, type SessionProviderProps } from './session-provider.ts';
export { type CurrentAccount, useAccount } from './use-account.ts';
export { useApi } from './use-api.ts';
export { type CurrentSession, useSession } from './use-session.ts';
