import type { SessionUser } from '@latchkey/sdk-browser';
import { type Child, element } from '../element.ts';
import type { ConsoleApi } from './console-api.ts';

/** One view of the console. */
export interface Section {
  readonly node: HTMLElement;
  /** Reads what it shows, anew. Never rejects. */
  load(): Promise<void>;
}

export interface SectionNeeds {
  readonly api: ConsoleApi;
  /** The operator, who changes nothing of themselves. */
  readonly user: SessionUser | undefined;
  readonly sessionId: string | undefined;
  /** What the address narrows the view to. */
  readonly asked: URLSearchParams;
}

export function createCard(title: string, ...content: readonly Child[]): HTMLElement {
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
