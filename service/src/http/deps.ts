import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import type { AdminFlows, Flows } from '../flow/flows.ts';
import type { DevelopmentMailbox } from '../mail/development-mailbox.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { Health } from '../ops/health.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics/metrics.ts';
import type { Middleware } from './context.ts';
import type { JwkSet } from './endpoints/well-known.ts';
import type { RequestObserver } from './middleware/access-log.ts';

export type HttpConfig = Pick<
  Config,
  | 'apiDocuments'
  | 'appUrls'
  | 'trustedOrigins'
  | 'issuer'
  | 'ownOrigins'
  | 'production'
  | 'publicUrl'
  | 'requirePkce'
  | 'trustProxy'
> &
  Partial<Pick<Config, 'metricsPort' | 'metricsToken'>>;

export interface HttpAppDeps {
  readonly config: HttpConfig;
  readonly flows: Flows;
  /** What operators may ask for. */
  readonly admin: AdminFlows;
  readonly log: ServiceLogger;
  /** Refusals that only a change of the configuration ends. */
  readonly causes: Pick<ServiceCauses, 'report' | 'explain' | 'failure'>;
  readonly health: Health;
  /** Public keys of access tokens, current and next and previous. */
  readonly jwks: () => JwkSet;
  /** The nonce that the next proof of possession has to carry. */
  readonly proofNonce: () => string;
  readonly clock: Clock;
  /** The AsyncAPI document of the sockets. */
  readonly describeSockets: (config: Pick<Config, 'publicUrl'>) => { readonly asyncapi: string };
  /** Serves what is no route of the API; {@link createPages}, or a layer that only calls `next`. */
  readonly pages: Middleware;
  /** Absent: metrics are not found. */
  readonly metrics?: Pick<Metrics, 'text' | 'contentType'> | undefined;
  /** Called after each request. Default: nothing. */
  readonly onAnswered?: RequestObserver | undefined;
  /** Absent: there is no development mailbox. */
  readonly mailbox?: Pick<DevelopmentMailbox, 'read'> | undefined;
  /** `/login` takes further fields, which reach the hook `findUserByCredentials`. Default: false. */
  readonly takesLoginFields?: boolean;
}
