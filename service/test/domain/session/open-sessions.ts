import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import type { Db } from '../../../src/db/schema.ts';
import { appendRevocations } from '../../../src/domain/revocation/revocation.ts';
import { createSessions, type Sessions, type SessionsOptions } from '../../../src/domain/session/sessions.ts';
import { knownClock } from '../../deadlines.ts';

interface SessionsChange extends Partial<SessionsOptions> {
  /** The database epoch that this process has seen. */
  readonly epoch?: string;
  /** Takes errors of work that nothing waits for. Default: they fail the test. */
  readonly onError?: (error: unknown) => void;
}

/** Sessions of one hour over this database, at most three of a user; `change` sets other options. */
export function openSessions(db: Db, { epoch, onError, ...options }: SessionsChange = {}): Sessions {
  return createSessions({
    db,
    clock: createSystemClock(),
    databaseClock: knownClock(epoch),
    onError: onError ?? ((error) => expect.fail(String(error))),
    options: {
      activeMinutes: 60,
      idleMinutes: null,
      maxSessionsPerUser: 3,
      appendRevocations,
      retentionSeconds: 99,
      ...options,
    },
  });
}
