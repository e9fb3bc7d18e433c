import type { SessionInfo } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { createKeyedList } from '../keyed-list.ts';
import { errorMessage, otherSessionsEndedMessage } from '../messages.ts';
import type { ListedSessions } from './account-api.ts';
import { createSessionRow, orderSessions } from './session-row.ts';

interface SessionsCardDeps {
  readonly list: () => Promise<ListedSessions>;
  readonly endOne: (id: string) => Promise<unknown>;
  readonly endOthers: () => Promise<{ readonly ended: number }>;
  readonly endAll: () => Promise<unknown>;
}

interface SessionsCard {
  readonly node: HTMLElement;
  /** Reads the list again. Never rejects: the card shows the error. */
  load(): Promise<void>;
  /** Without an answer the online status is unknown. */
  setStale(stale: boolean): void;
}

/** The user's sessions, and buttons to end them. */
export function createSessionsCard(deps: SessionsCardDeps): SessionsCard {
  const title = element('h2', { id: 'sessions-title', tabindex: -1 }, 'Sessions');
  const end = (view: SessionInfo) =>
    void act(() => deps.endOne(view.id).then(() => `${view.browser} was ended.`), true);
  const list = createKeyedList<SessionInfo>(
    ({ id }) => id,
    (view) => createSessionRow(view, () => end(view)),
    { 'data-testid': 'sessions' },
  );
  const status = element('p', { class: 'news', role: 'status' });
  const alert = element('p', { class: 'form-error', role: 'alert' });
  let requestCount = 0;

  const load = async (): Promise<void> => {
    requestCount += 1;
    const mine = requestCount;
    const answer = await deps.list().catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== requestCount) return;
    if ('error' in answer) return setText(alert, errorMessage(answer.error));
    setText(alert, '');
    list.show(orderSessions(answer.sessions), answer.at);
  };
  const act = async (perform: () => Promise<string>, rowLeaves = false): Promise<void> => {
    setText(alert, '');
    const said = await perform().catch((error: unknown) => ({ error }));
    if (typeof said !== 'string') return setText(alert, errorMessage(said.error));
    setText(status, said);
    await load();
    if (rowLeaves) title.focus();
  };
  const others = () => act(() => deps.endOthers().then(({ ended }) => otherSessionsEndedMessage(ended)));
  const all = () => act(() => deps.endAll().then(() => ''));
  const node = element(
    'section',
    { class: 'card', 'aria-labelledby': 'sessions-title' },
    title,
    element('p', { class: 'hint' }, 'Browsers and devices that are signed in as you.'),
    list.node,
    status,
    alert,
    element(
      'p',
      { class: 'actions' },
      element(
        'button',
        { type: 'button', 'data-testid': 'end-others', onclick: () => void others() },
        'End all others',
      ),
      element(
        'button',
        { type: 'button', class: 'danger', 'data-testid': 'end-all', onclick: () => void all() },
        'End all, this one too',
      ),
    ),
  );
  return Object.freeze({
    node,
    load,
    setStale(stale: boolean) {
      node.dataset.stale = String(stale);
    },
  });
}
