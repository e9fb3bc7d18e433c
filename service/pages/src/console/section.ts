import type { SessionUser } from '@latchkey/sdk-browser';
import { type ElementChild, element } from '../element.ts';
import type { ConsoleApi } from './console-api.ts';

/** One view of the console. */
export interface Section {
  readonly node: HTMLElement;
  /** Reads what it shows, anew. Never rejects. */
  load(): Promise<void>;
}

export interface SectionDeps {
  readonly api: ConsoleApi;
  /** The operator, who changes nothing of themselves. */
  readonly user: SessionUser | undefined;
  readonly sessionId: string | undefined;
  /** What the address narrows the view to. */
  readonly query: URLSearchParams;
}

export function createCard(title: string, ...content: readonly ElementChild[]): HTMLElement {
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'section-title' },
    element('h2', { id: 'section-title', tabindex: -1 }, title),
    ...content,
  );
}

/** Where the focus goes when the row it was in has left. */
export function focusTitle(card: HTMLElement): void {
  card.querySelector('h2')?.focus();
}
