import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../../src/db/types.ts';
import type { LeasedMail } from '../../../src/domain/mail/mail.ts';
import { prepareRequestedMails } from '../../../src/flow/account/prepare-requested-mails.ts';
import { challenge, type Fixture, newKey, password, peer } from '../fixture.ts';

/** A ticket, as a browser makes one. */
export const newTicket = () => randomBytes(32).toString('base64url');

/** Another six digits. */
export const wrongCodeOf = (code = '0') => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

type Policies = Partial<Record<'email_verification' | 'email_sign_in', string | boolean>>;

/** What the tests of mails share. */
export function mailFixture(fixture: Fixture, database: Database) {
  const { flows, context } = fixture;
  const { db } = database;

  /** Prepares what was requested, and returns the mails that wait to be sent, oldest first. */
  async function mails(): Promise<readonly LeasedMail[]> {
    await prepareRequestedMails(context);
    return context.mailOutbox.lease(db, 100);
  }

  return {
    mails,
    /** The only mail that waits. */
    async mail(): Promise<LeasedMail> {
      const [mail, ...others] = await mails();
      if (mail === undefined || others.length > 0)
        throw new Error(`${others.length} further mails, first ${mail?.template}`);
      return mail;
    },
    async setTenant(policies: Policies): Promise<void> {
      for (const [name, value] of Object.entries(policies))
        await sql`UPDATE tenants SET ${sql.ref(name)} = ${value} WHERE id = 'default'`.execute(db);
    },
    forgot: (email: string, ticket?: string) => flows.requestPasswordReset({ email, ticket }, peer),
    /** Signs up as a browser does, with a ticket. */
    signUp: (email: string, ticket: string, more: { password?: string } = {}) =>
      flows.register({ email, password, codeChallenge: challenge, ticket, ...more }, peer),
    /** A user with a proved address, signed in. */
    async enterVerified() {
      const entered = await fixture.enter();
      await sql`UPDATE users SET email_verified_at = now() WHERE id = ${entered.grant.userId}::uuid`.execute(db);
      return entered;
    },
    redeem: (answer: object) => fixture.redeem((answer as { code: string }).code, newKey()),
    async user(email: string) {
      return context.users.findByEmail(db, 'default', email);
    },
    caller: (accessToken: string) => flows.authenticate(accessToken),
  };
}
