import { useEffect } from 'preact/hooks';
import { ErrorMessage } from '../components/error-message.tsx';
import { useResource } from '../components/resource.ts';
import { useTitle } from '../components/use-title.ts';
import { formatTimestamp } from '../words/formats.ts';
import { fill, plural, words } from '../words/words.ts';
import type { MailboxMail } from './mailbox-api.ts';

interface MailboxViewProps {
  /** `undefined`: the key is missing or wrong. */
  readonly read: () => Promise<readonly MailboxMail[] | undefined>;
}

/** The mails that a service in development would have sent. */
export function MailboxView({ read }: MailboxViewProps) {
  const { mailbox } = words();
  const mails = useResource(async () => ({ found: await read() }));
  useTitle(mailbox.title);
  useEffect(() => {
    const load = () => void mails.load();
    load();
    window.addEventListener('hashchange', load);
    return () => window.removeEventListener('hashchange', load);
  }, []);
  const answer = mails.value.value;
  const found = answer?.found ?? [];
  return (
    <div class="account">
      <h1>{mailbox.title}</h1>
      <p class="hint" role="status" data-testid="state">
        {answer && (answer.found === undefined ? mailbox.openLink : plural(mailbox.count, found.length))}
      </p>
      <ErrorMessage error={mails.error.value} />
      <p>
        <button type="button" data-testid="reload" onClick={() => void mails.load()}>
          {mailbox.showNew}
        </button>
      </p>
      {found.map((mail, index) => (
        <Mail key={found.length - index} {...mail} />
      ))}
    </div>
  );
}

function Mail({ at, to, subject, text }: MailboxMail) {
  return (
    <article class="card" data-testid="mail">
      <h2>{subject}</h2>
      <p class="hint">{fill(words().mailbox.sentTo, { email: to, date: formatTimestamp(at) })}</p>
      <p class="mail-text">
        {text
          .trimEnd()
          .split('\n')
          .map((line, index) => (
            <span key={index}>
              <Line text={line} />
              {'\n'}
            </span>
          ))}
      </p>
    </article>
  );
}

/** A line of text. A line that is a link can be followed. */
function Line({ text }: { readonly text: string }) {
  return /^https?:\/\/\S+$/.test(text) ? <a href={text}>{text}</a> : text;
}
