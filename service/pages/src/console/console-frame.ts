import { type Failure, pagePaths } from '@latchkey/contract';
import type { Session, SessionState } from '@latchkey/sdk-browser';
import { getAdmin } from '@latchkey/sdk-browser/admin';
import { element, setText } from '../element.ts';
import { createThrottle, type Repeat } from '../platform/timers.ts';
import type { View } from '../view.ts';
import { createConsoleApi } from './console-api.ts';
import { createForbiddenView } from './forbidden-view.ts';
import { liveStatusMessage } from './labels.ts';
import type { Section } from './section.ts';
import { type SectionDefinition, sectionFromHash, sections } from './sections.ts';

export interface ConsoleViewDeps {
  readonly session: Session;
  readonly repeat: Repeat;
  readonly window: Window;
  /** Ends this session. The next sign-in returns to the console. */
  readonly signOut: () => Promise<unknown>;
}

const minReloadMs = 1_000;
/**
 * For changes without an update: sessions without a socket that are opened, rotated over HTTP or expire, the minutes of
 * the chart, users, tenants, backends, keys and the audit.
 */
const pollMs = 5_000;

function createFrame() {
  const status = element('p', { class: 'status hint', role: 'status', 'data-testid': 'status' }, 'Loading…');
  const links = Object.entries(sections).map(([name, { label }]) => element('a', { href: `#${name}` }, label));
  const navigation = element('nav', { class: 'parts', 'aria-label': 'Console', hidden: true }, ...links);
  const place = element('div', { class: 'place' });
  const title = element('h1', { tabindex: -1 }, 'Console');
  const account = element('a', { href: pagePaths.account }, 'Your account');
  const head = element('div', { class: 'head-line' }, title, account);
  return {
    node: element('div', { class: 'console' }, head, status, navigation, place),
    status,
    links,
    navigation,
    place,
  };
}

/**
 * The operators' page. It is shown after the service has confirmed that the user is an operator, and is updated live.
 */
export function createConsoleView({ session, repeat, window, signOut }: ConsoleViewDeps): View {
  const { node, status, links, navigation, place } = createFrame();
  let shown: { readonly part: SectionDefinition; readonly section: Section } | undefined;
  let isAllowed = false;
  let { state } = session;

  const setAllowed = (on: boolean): void => {
    isAllowed = on;
    navigation.hidden = !on;
    status.hidden = !on;
  };
  const closeDialogs = (): void => {
    for (const dialog of window.document.querySelectorAll('dialog')) dialog.close();
  };
  const showForbidden = (failure: Failure): void => {
    setAllowed(false);
    shown = undefined;
    closeDialogs();
    place.replaceChildren(createForbiddenView(failure, signOut));
  };
  const admin = getAdmin(session);
  const api = createConsoleApi({ fetch: admin.fetch, origin: window.location.origin, onForbidden: showForbidden });

  const showStatus = (): void => {
    node.dataset.status = state.status;
    node.dataset.stale = String(!isLive());
    if (isAllowed) setText(status, liveStatusMessage(state));
  };
  const isLive = (): boolean => state.status === 'active' || state.status === 'refreshing';
  const show = (): void => {
    if (!isAllowed) return;
    const { name, part, asked: query } = sectionFromHash(window.location.hash);
    const isFirst = shown === undefined;
    shown = { part, section: part.create({ api, query, user: session.user, sessionId: session.sessionId }) };
    for (const link of links) {
      if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    place.replaceChildren(shown.section.node);
    window.document.title = `${part.label} · Console · Latchkey`;
    if (!isFirst) place.querySelector('h2')?.focus();
    void shown.section.load();
  };
  const throttle = createThrottle(minReloadMs, async () => shown?.section.load());
  const unsubscribe = admin.subscribe({
    ready() {
      if (isAllowed) return throttle.run();
      setAllowed(true);
      showStatus();
      show();
    },
    update() {
      if (shown?.part.isLive) throttle.run();
    },
    error: showForbidden,
  });
  const stop = repeat(pollMs, () => isLive() && throttle.run());
  window.addEventListener('hashchange', show);
  // The address stays as it is: a click on the part that is shown shows it anew, without what was searched for.
  for (const link of links) link.addEventListener('click', () => link.hash === window.location.hash && show());
  return Object.freeze({
    title: 'Console',
    node,
    update(next: SessionState) {
      state = next;
      showStatus();
    },
    close() {
      unsubscribe();
      stop();
      throttle.stop();
      window.removeEventListener('hashchange', show);
      closeDialogs();
    },
  });
}
