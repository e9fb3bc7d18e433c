import type { MailServer } from '../../test-kit/mail-server.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

/** What a user reads in a mail. */
interface ReadMail {
  readonly link: string;
  readonly code: string;
}

/** Text of quoted-printable (RFC 2045 §6.7), or as it is. */
export function decodeMail(raw: string): string {
  return raw
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Returns what waits for a mail to this address whose link leads to this path, and which was not read before. */
export function createMailReader({ received }: Pick<MailServer, 'received'>) {
  const read = new Set<string>();
  return async (email: string, path: string): Promise<ReadMail> => {
    const linkPattern = new RegExp(`https?://[^\\s"<]+?${path}#secret=[\\w-]{43}`);
    const find = () =>
      received.find(
        ({ to, raw, messageId }) => !read.has(messageId) && to.includes(email) && linkPattern.test(decodeMail(raw)),
      );
    await waitFor(
      () => find() !== undefined,
      25_000,
      () => received.map(({ to, raw }) => `${to} ${decodeMail(raw)}`).join('\n'),
    );
    const { raw, messageId } = find()!;
    read.add(messageId);
    const text = decodeMail(raw);
    const [link] = linkPattern.exec(text)!;
    return { link, code: /^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? '' };
  };
}
