export { createActivities } from './base/activities.ts';
export { type Clock, createSystemClock } from './base/clock.ts';
export { consoleLogger } from './base/console-logger.ts';
export { deepFreeze } from './base/deep-freeze.ts';
export { assertHttpServer, assertSocketServer, detectFramework } from './base/framework.ts';
export { inChunks } from './base/in-chunks.ts';
export { isUnavailable } from './base/is-unavailable.ts';
export { createListeners, type Listeners } from './base/listeners.ts';
export type { Logger } from './base/logger.ts';
export { masked, maskSecrets } from './base/mask-secrets.ts';
export {
  createMetricSet,
  type MetricClient,
  type MetricRegistry,
  type MetricRow,
  type MetricTable,
} from './base/metric-set.ts';
export { createPoller, type Poller } from './base/poller.ts';
export { safely } from './base/safely.ts';
export { singleFlight } from './base/single-flight.ts';
export { createSuspensionDetector, type SuspensionDetector } from './base/suspension.ts';
export { errorText, thrownText } from './base/thrown-text.ts';
export { createTimer, type Timer } from './base/timer.ts';
export { createVerificationClock, type VerificationClock } from './base/verification-clock.ts';
export { withTimeout } from './base/with-timeout.ts';
export { type EcPublicJwk, jwkThumbprint, toPublicKey } from './jwt/jwk.ts';
export { type JwtHeader, peekJwtHeader } from './jwt/peek-jwt.ts';
export { verifyJwt } from './jwt/verify-jwt.ts';
export { activeSpanContext, withSpan } from './trace/with-span.ts';
