import { render } from 'preact';
import { LoadError } from '../components/load-error.tsx';
import { ownFetch } from '../platform/own-fetch.ts';
import { loadLanguage, loadMailboxWords } from '../words/load-language.ts';
import { createMailboxReader } from './mailbox-api.ts';
import { takeMailboxKey } from './mailbox-key.ts';
import { MailboxView } from './mailbox-view.tsx';

const page = document.querySelector('main');
if (page === null) throw new TypeError('mailbox.html has no <main>.');

const read = createMailboxReader(ownFetch, location.origin);
loadLanguage(window)
  .then(loadMailboxWords)
  .then(
    () => render(<MailboxView read={() => read(takeMailboxKey(window))} />, page),
    () => render(<LoadError />, page),
  );
