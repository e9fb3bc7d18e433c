import type { SessionUser } from '@latchkey/sdk-browser';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ConsoleApi } from './console-api.ts';

/** Names of the sections, as in the fragment of the address. */
export type SectionName = 'overview' | 'sessions' | 'users' | 'invitations' | 'tenants' | 'backends' | 'keys' | 'audit';

export interface SectionProps {
  readonly api: ConsoleApi;
  /** The operator, whose own account cannot be changed here. */
  readonly user: SessionUser | undefined;
  readonly sessionId: string | undefined;
  /** The filters in the address. */
  readonly query: URLSearchParams;
  /** Holds the function that reads the section again. */
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

/** The element that gets the focus when its row is removed. */
export function focusTitle(): void {
  document.getElementById(titleId)?.focus();
}
