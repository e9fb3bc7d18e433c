import type { ComponentChildren } from 'preact';
import { useTitle } from './use-title.ts';

interface CardProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A page that is one card, with its title. */
export function Card({ title, children }: CardProps) {
  useTitle(title);
  return (
    <section class="card entry" aria-labelledby="title">
      <h1 id="title" tabindex={-1}>
        {title}
      </h1>
      {children}
    </section>
  );
}
