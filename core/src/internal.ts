export { type Clock, createSystemClock } from './base/clock.ts';
export { consoleLogger } from './base/console-logger.ts';
export { deepFreeze } from './base/deep-freeze.ts';
export { isDevelopment } from './base/environment.ts';
export { assertHttpServer, assertSocketServer, detectFramework } from './base/framework.ts';
export type { Logger } from './base/logger.ts';
export { createSuspensionDetector, type SuspensionDetector } from './base/suspension.ts';
export { createVerificationClock, type VerificationClock } from './base/verification-clock.ts';
