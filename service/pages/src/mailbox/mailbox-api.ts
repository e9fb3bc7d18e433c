import { Failure } from '@latchkey/contract';
import { createJsonClient, withoutCredentials } from '../platform/json-client.ts';

/** A mail of the development mailbox. */
export interface MailboxMail {
  /** ISO 8601. */
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const mailsPath = '/dev/mailbox/mails';

/**
 * Returns what reads the mails, the newest first. `undefined`: the key is missing or wrong.
 *
 * @throws Failure the service cannot be reached
 */
export function createMailboxReader(fetch: typeof globalThis.fetch, origin: string) {
  const { requestJson } = createJsonClient(withoutCredentials(fetch), origin);
  return async (key: string): Promise<readonly MailboxMail[] | undefined> => {
    try {
      const headers = { authorization: `Bearer ${key}` };
      return (await requestJson<{ readonly mails: readonly MailboxMail[] }>(mailsPath, { headers })).mails;
    } catch (error) {
      if (error instanceof Failure && error.code === 'not_found') return undefined;
      throw error;
    }
  };
}
