export type { TestClock } from './test-clock.ts';
export { createTestLatchkey, type TestLatchkey } from './test-latchkey.ts';
export type { TestSession, TestSessionOptions } from './test-sessions.ts';
