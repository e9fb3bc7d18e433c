/** A mail as the service returns it. */
interface ShownMail {
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const storageName = 'latchkey-mailbox-key';

/** The key of the link that the service printed. It leaves the address, and stays in this tab. */
function readKey(): string {
  const shown = new URLSearchParams(location.hash.slice(1)).get('key');
  if (shown !== null) {
    sessionStorage.setItem(storageName, shown);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(storageName) ?? '';
}

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, text = ''): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** A line of text. A line that is a link can be followed. */
function lineOf(text: string): Node {
  if (!/^https?:\/\/\S+$/.test(text)) return document.createTextNode(text);
  const link = element('a', text);
  link.href = text;
  return link;
}

function cardOf({ at, to, subject, text }: ShownMail): HTMLElement {
  const card = element('article');
  const body = element('div');
  for (const line of text.split('\n')) body.append(lineOf(line), element('br'));
  card.append(element('h2', subject), element('p', `To ${to}, ${new Date(at).toLocaleString()}`), body);
  return card;
}

async function show(): Promise<void> {
  const [state, mails] = [document.querySelector('#state'), document.querySelector('#mails')];
  if (state === null || mails === null) return;
  const headers = { authorization: `Bearer ${readKey()}` };
  const answer = await fetch('/dev/mailbox/mails', { headers, cache: 'no-store' }).catch(() => undefined);
  if (answer?.status !== 200) {
    state.textContent = 'Open the link that the service printed at its start.';
    mails.replaceChildren();
    return;
  }
  const read: { mails: ShownMail[] } = await answer.json();
  state.textContent = read.mails.length === 0 ? 'No mail yet.' : `${read.mails.length} mails, the newest first.`;
  mails.replaceChildren(...read.mails.map(cardOf));
}

document.querySelector('#reload')?.addEventListener('click', () => void show());
addEventListener('hashchange', () => void show());
void show();
