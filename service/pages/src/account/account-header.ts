import { type CurrentUser, Failure, pagePaths } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { errorMessage, formatDateTime } from '../messages.ts';

/** The top of the account page: user, log-out button, warnings about the session. */
interface AccountHeader {
  readonly node: HTMLElement;
  showUser(me: CurrentUser): void;
  showWarning(sentence: string): void;
}

export function createAccountHeader(logOut: (force: boolean) => Promise<unknown>): AccountHeader {
  const who = element('p', { class: 'who', 'data-testid': 'who' });
  const ids = element('dl');
  const alert = element('p', { class: 'form-error', role: 'alert' });
  const anyway = element(
    'button',
    { type: 'button', hidden: true, onclick: () => void go(true) },
    'Sign out in this browser only',
  );
  const go = async (force: boolean): Promise<void> => {
    setText(alert, '');
    anyway.hidden = true;
    try {
      await logOut(force);
    } catch (error) {
      setText(alert, errorMessage(error));
      anyway.hidden = !(error instanceof Failure && error.retryable);
    }
  };
  const out = element('button', { type: 'button', 'data-testid': 'logout', onclick: () => void go(false) }, 'Log out');
  const desk = element('p', { hidden: true }, element('a', { href: pagePaths.console }, 'Operators’ console'));
  const title = element('div', {}, element('h1', { tabindex: -1 }, 'Account'), who);
  const details = element('details', { class: 'ids', hidden: true }, element('summary', {}, 'For developers'), ids);
  return Object.freeze({
    node: element(
      'div',
      { class: 'head' },
      element('div', { class: 'head-line' }, title, out),
      desk,
      details,
      alert,
      anyway,
    ),
    showUser(me: CurrentUser) {
      setText(who, me.email ?? me.id);
      ids.replaceChildren(...factsOf(me));
      details.hidden = false;
      desk.hidden = !me.operator;
    },
    showWarning: (sentence: string) => setText(alert, sentence),
  });
}

function factsOf({ id, tenant_id, session_id, created_at }: CurrentUser): HTMLElement[] {
  const facts = {
    User: id,
    Tenant: tenant_id,
    Session: session_id,
    'Account created': formatDateTime(created_at),
  };
  return Object.entries(facts).flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
}
