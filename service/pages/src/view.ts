import type { SessionState } from '@latchkey/sdk-browser';

/** What fills the page: made when it is shown, closed when another takes its place. */
export interface View {
  readonly title: string;
  readonly node: HTMLElement;
  update(state: SessionState): void;
  close(): void;
}
