import { findMailServerFailure } from '../../../bootstrap/create-mail.ts';
import { createLogger } from '../../../ops/logger.ts';
import { findCertificateRemedy } from '../../connection-error.ts';
import { sendTestMail } from '../../send-test-mail.ts';
import { type Finding, failed, ok } from '../finding.ts';
import type { Subject } from '../subject.ts';

const remedy = 'correct LATCHKEY_SMTP_URL and LATCHKEY_MAIL_FROM, or repair the mail server';

const certificateRemedies = {
  authority:
    'let the mail server send the whole chain of its certificate; if the authority is your own, set NODE_EXTRA_CA_CERTS of every node to the file with its certificate',
  host: 'correct the host in LATCHKEY_SMTP_URL to a name in the certificate of the mail server',
  holder: 'the mail server',
};

/** The mail server takes the credentials. With an address, it also takes a mail. */
export async function checkMail({ config, clock, mailTo }: Subject): Promise<Finding> {
  if (mailTo !== undefined) return tryTestMail({ config, clock, mailTo });
  const failure = await findMailServerFailure(config);
  if (failure !== undefined) {
    const [code = ''] = failure.split(' ');
    const ofCertificate = findCertificateRemedy(code, certificateRemedies);
    return failed(`the mail server cannot be used (${failure})`, ofCertificate ?? remedy);
  }
  return ok('the mail server answers and takes the credentials; --mail ADDRESS sends a mail');
}

/** Nothing is sent without a server. A hook may send mails as well, but is not called without a mail. */
export function skipMail({ config, mailTo }: Subject): string | undefined {
  if (mailTo !== undefined || config.smtpUrl !== undefined) return undefined;
  if (config.hooks !== undefined) return 'LATCHKEY_SMTP_URL is not set; --mail ADDRESS tries the hook sendMail';
  return 'LATCHKEY_SMTP_URL is not set, so that no mail is sent';
}

async function tryTestMail({
  config,
  clock,
  mailTo,
}: Pick<Subject, 'config' | 'clock'> & { mailTo: string }): Promise<Finding> {
  const log = createLogger({ level: 'silent', clock });
  try {
    const { sent_to, answer } = await sendTestMail({ config, log, clock }, mailTo);
    return ok(`a test mail to ${sent_to} was taken: ${answer}`);
  } catch (error) {
    return failed((error as Error).message, remedy);
  }
}
