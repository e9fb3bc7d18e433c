import { fail } from '@latchkey/contract';
import { parseArguments } from './parse-arguments.ts';

export interface MailCommandDeps {
  readonly sendTestMail: (address: string) => Promise<unknown>;
}

/**
 * What follows `mail` on the command line, done: `test <address>`.
 *
 * @returns what is printed, as JSON
 * @throws invalid_request · mail_unavailable
 */
export async function runMailCommand(given: readonly string[], { sendTestMail }: MailCommandDeps): Promise<unknown> {
  const { positionals } = parseArguments(given, []);
  const [verb, address, ...rest] = positionals;
  if (verb !== 'test' || address === undefined || rest.length > 0)
    throw fail('invalid_request', { message: 'Say mail test <address>.' });
  return sendTestMail(address);
}
