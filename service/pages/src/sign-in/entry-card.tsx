import type { ComponentChildren } from 'preact';
import { Card } from '../components/card.tsx';
import { PageLink } from '../components/page-link.tsx';

/** Properties of each form of an entry page. */
export interface EntryCardProps {
  /** Why the form is shown. */
  readonly notice: string | undefined;
  /** Placed below the title. */
  readonly lead?: ComponentChildren;
  /** The query of an app's request, which the other pages need as well. */
  readonly request: string | undefined;
}

interface EntryFrameProps extends EntryCardProps {
  readonly title: string;
  /** The way to the other form. */
  readonly elsewhere: { readonly question: string; readonly link: string; readonly path: string } | undefined;
  readonly children: ComponentChildren;
}

/** The frame of a form that signs in or up. */
export function EntryCard({ title, notice, lead, request, elsewhere, children }: EntryFrameProps) {
  return (
    <Card title={title}>
      {lead !== undefined && <p data-testid="lead">{lead}</p>}
      {notice !== undefined && (
        <p class="notice" role="alert" data-testid="notice">
          {notice}
        </p>
      )}
      {children}
      {elsewhere !== undefined && (
        <p class="elsewhere">
          {elsewhere.question}{' '}
          <PageLink path={elsewhere.path} request={request}>
            {elsewhere.link}
          </PageLink>
        </p>
      )}
    </Card>
  );
}
