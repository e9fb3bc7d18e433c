import type { SessionUser } from '@latchkey/sdk-browser';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ConsoleApi } from './console-api.ts';

/** The parts of the console, as the fragment of its address names them. */
export type SectionName = 'overview' | 'sessions' | 'users' | 'invitations' | 'tenants' | 'backends' | 'keys' | 'audit';

export interface SectionProps {
  readonly api: ConsoleApi;
  /** The operator, who changes nothing of themselves. */
  readonly user: SessionUser | undefined;
  readonly sessionId: string | undefined;
  /** What the address narrows the section to. */
  readonly query: URLSearchParams;
  /** Keeps the function that reads anew what the section shows. */
  readonly loader: Loader;
}

/** The function never rejects. */
export interface Loader {
  current: (() => Promise<void>) | undefined;
}

/** Loads the section, at once and when the console asks for it. */
export function useLoader(loader: Loader, load: () => Promise<void>): void {
  useEffect(() => {
    loader.current = load;
    void load();
    return () => {
      loader.current = undefined;
    };
  }, []);
}

const titleId = 'section-title';

/** The frame of a section. */
export function SectionCard({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="card" aria-labelledby={titleId}>
      <h2 id={titleId} tabindex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}

/** Where the focus goes when the row it was in has left. */
export function focusTitle(): void {
  document.getElementById(titleId)?.focus();
}
