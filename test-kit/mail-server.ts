import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as the server took it. */
interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and bodies, encoded. */
  readonly raw: string;
  readonly messageId: string;
}

/** At which command the server refuses, and with which reply. */
interface Refusal {
  readonly at: 'AUTH' | 'MAIL FROM' | 'RCPT TO' | 'DATA';
  readonly reply: number;
  /** Only this recipient. */
  readonly recipient?: string;
}

/** An SMTP server on a free port of 127.0.0.1. */
export interface MailServer {
  /** For `LATCHKEY_SMTP_URL`. */
  readonly url: string;
  /** Complete mails, also those whose answer was not sent. */
  readonly received: ReceivedMail[];
  refusal: Refusal | undefined;
  /** True: the connection is cut between the end of a mail and its answer. */
  diesAfterData: boolean;
  /** Milliseconds before a mail is answered. */
  slowMs: number;
  /** Mails that are being taken at this moment. */
  busy(): number;
  close(): Promise<void>;
}

/** @param password that `ann` has to sign in with; absent: without sign-in */
export async function openMailServer({ password }: { readonly password?: string } = {}): Promise<MailServer> {
  const sockets = new Set<Socket>();
  let busy = 0;

  function refusalAt(command: Refusal['at'], recipient?: string): Error | null {
    const { refusal } = server;
    if (refusal?.at !== command) return null;
    if (refusal.recipient !== undefined && refusal.recipient !== recipient) return null;
    return Object.assign(new Error(`5.1.1 <${recipient}> refused`), { responseCode: refusal.reply });
  }

  const smtp = new SMTPServer({
    authOptional: password === undefined,
    allowInsecureAuth: true,
    disabledCommands: password === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'],
    logger: false,
    onAuth: (auth, _session, callback) =>
      auth.password === password && auth.username === 'ann'
        ? callback(null, { user: 'ann' })
        : callback(Object.assign(new Error('5.7.8 wrong password'), { responseCode: 535 })),
    onMailFrom: (_address, _session, callback) => callback(refusalAt('MAIL FROM')),
    onRcptTo: ({ address }, _session, callback) => callback(refusalAt('RCPT TO', address)),
    async onData(stream, { envelope }, callback) {
      busy += 1;
      const raw = await text(stream);
      const refused = refusalAt('DATA');
      if (refused === null)
        server.received.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw,
          messageId: /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? '',
        });
      if (server.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, server.slowMs));
      busy -= 1;
      if (server.diesAfterData) for (const socket of sockets) socket.destroy();
      else callback(refused);
    },
  });

  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    const closed = new Promise<void>((resolve) => smtp.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  smtp.on('error', () => {});
  smtp.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  const { port } = smtp.server.address() as { port: number };
  const login = password === undefined ? '' : `ann:${encodeURIComponent(password)}@`;
  const server: MailServer = {
    url: `smtp://${login}127.0.0.1:${port}`,
    received: [],
    refusal: undefined,
    diesAfterData: false,
    slowMs: 0,
    busy: () => busy,
    close: () => (closing ??= closeAll()),
  };
  return server;
}
