import { type Failure, pagePaths } from '@latchkey/contract';
import type { Session, SessionState } from '@latchkey/sdk-browser';
import { adminOf } from '@latchkey/sdk-browser/admin';
import { element, setText } from '../element.ts';
import { createPaced, type Repeat } from '../platform/timers.ts';
import type { View } from '../view.ts';
import { wordsOfConnection } from '../words.ts';
import { createAuditSection } from './audit-section.ts';
import { createBackendsSection } from './backends-section.ts';
import { createConsoleApi } from './console-api.ts';
import { createKeysSection } from './keys-section.ts';
import { createOverviewSection } from './overview-section.ts';
import { createRefusal } from './refusal.ts';
import type { Section, SectionNeeds } from './section.ts';
import { createSessionsSection } from './sessions-section.ts';
import { createTenantsSection } from './tenants-section.ts';
import { createUsersSection } from './users-section.ts';

export interface ConsoleViewDeps {
  readonly session: Session;
  readonly repeat: Repeat;
  readonly window: Window;
}

interface Part {
  readonly words: string;
  readonly create: (needs: SectionNeeds) => Section;
  /** What sockets come and go says something about it. */
  readonly isLive?: boolean;
}

const parts: Readonly<Record<string, Part>> = {
  overview: { words: 'Overview', create: createOverviewSection, isLive: true },
  sessions: { words: 'Sessions', create: createSessionsSection, isLive: true },
  users: { words: 'Users', create: createUsersSection },
  tenants: { words: 'Tenants', create: createTenantsSection },
  backends: { words: 'Backends', create: createBackendsSection },
  keys: { words: 'Keys', create: createKeysSection },
  audit: { words: 'Audit', create: createAuditSection },
};
const paceMs = 1_000;
/**
 * For what the news cannot tell. They are read from who holds sockets, and from the list of ended sessions; a session without a
 * socket is opened over HTTP and has its token replaced there, and where its time runs out nothing happens at all: no row is
 * written, nobody looks. The minutes of the chart pass by themselves, too.
 */
const slowMs = 5_000;

/** Reads `#sessions?user=…`: the part, and what it is narrowed to. */
export function placeOf(fragment: string): { readonly name: string; readonly asked: URLSearchParams } {
  const [name = '', query = ''] = fragment.slice(1).split('?', 2);
  return { name: Object.hasOwn(parts, name) ? name : 'overview', asked: new URLSearchParams(query) };
}

/** The operators' page: shown once the service has said that the person is one, and live from then on. */
export function createConsoleView({ session, repeat, window }: ConsoleViewDeps): View {
  const admin = adminOf(session);
  const api = createConsoleApi(admin.fetch, window.location.origin);
  const status = element(
    'p',
    { class: 'status hint', role: 'status', 'data-testid': 'status' },
    'Asking the service who you are…',
  );
  const links = Object.entries(parts).map(([name, { words }]) => element('a', { href: `#${name}` }, words));
  const navigation = element('nav', { class: 'parts', 'aria-label': 'Console', hidden: true }, ...links);
  const place = element('div', { class: 'place' });
  const node = element(
    'div',
    { class: 'console' },
    element(
      'div',
      { class: 'head-line' },
      element('h1', { tabindex: -1 }, 'Console'),
      element('a', { href: pagePaths.account }, 'Your account'),
    ),
    status,
    navigation,
    place,
  );
  let shown: { readonly part: Part; readonly section: Section } | undefined;
  let isAdmitted = false;
  let state = session.state;

  const sayStatus = (): void => {
    node.dataset.status = state.status;
    const { word, meaning } = wordsOfConnection(state);
    if (isAdmitted)
      setText(status, word === 'Live' ? 'Live: what happens shows here by itself.' : `${word}. ${meaning}`);
  };
  const show = (): void => {
    if (!isAdmitted) return;
    const { name, asked } = placeOf(window.location.hash);
    const part = parts[name] as Part;
    const isFirst = shown === undefined;
    shown = { part, section: part.create({ api, asked, userId: session.user?.id, sessionId: session.sessionId }) };
    for (const link of links) {
      if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    place.replaceChildren(shown.section.node);
    window.document.title = `${part.words} · Console · Latchkey`;
    if (!isFirst) place.querySelector('h2')?.focus();
    void shown.section.load();
  };
  const pace = createPaced(paceMs, () => void shown?.section.load());
  const leave = admin.follow({
    begun() {
      if (isAdmitted) return pace.run();
      isAdmitted = true;
      navigation.hidden = false;
      sayStatus();
      show();
    },
    told() {
      if (shown?.part.isLive) pace.run();
    },
    refused(failure: Failure) {
      isAdmitted = false;
      navigation.hidden = true;
      status.hidden = true;
      place.replaceChildren(createRefusal(failure));
    },
  });
  const stop = repeat(slowMs, () => shown?.part.isLive && pace.run());
  window.addEventListener('hashchange', show);
  return Object.freeze({
    title: 'Console',
    node,
    update(next: SessionState) {
      state = next;
      sayStatus();
    },
    close() {
      leave();
      stop();
      pace.stop();
      window.removeEventListener('hashchange', show);
      for (const dialog of window.document.querySelectorAll('dialog')) dialog.close();
    },
  });
}
