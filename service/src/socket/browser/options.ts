import { backendNamespace } from '@latchkey/contract';
import { createAddressReader } from '../../base/client-address.ts';
import type { Config } from '../../config/config.ts';
import { settings } from '../../config/settings.ts';

export type BrowserConfig = Pick<
  Config,
  'trustedOrigins' | 'longPolling' | 'maxSocketsPerSession' | 'maxUnauthenticatedSocketsPerAddress' | 'trustProxy'
>;

/** What the configuration says about browsers' sockets. */
export function browserOptions(config: BrowserConfig) {
  const { trustedOrigins, longPolling } = config;
  return {
    origins: trustedOrigins,
    longPolling,
    namespaces: { [backendNamespace]: 'own_authentication' } as const,
    limits: {
      socketsPerSession: config.maxSocketsPerSession,
      unauthenticatedSocketsPerAddress: config.maxUnauthenticatedSocketsPerAddress,
    },
    settingNames: {
      origins: settings.allowedOrigins.env,
      longPolling: settings.longPolling.env,
      unauthenticatedSocketsPerAddress: settings.maxUnauthenticatedSocketsPerAddress.env,
      socketsPerSession: settings.maxSocketsPerSession.env,
      addressOf: settings.trustProxy.env,
      publicUrl: settings.publicUrl.env,
    },
    addressOf: createAddressReader(config.trustProxy),
  };
}
