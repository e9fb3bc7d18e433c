import type { ComponentChildren } from 'preact';
import { pageUrl, tenantFromUrl } from '../tenant.ts';

interface PageLinkProps {
  readonly path: string;
  /** The query of an app's request, which the page needs. */
  readonly request?: string | undefined;
  /** Default: that of this page. */
  readonly tenant?: string | undefined;
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
}

/** A link to another page of the service. */
export function PageLink({ path, request, tenant, onClick, children }: PageLinkProps) {
  const href = request === undefined ? pageUrl(path, tenant ?? tenantFromUrl(location)) : path + request;
  return (
    <a href={href} onClick={onClick}>
      {children}
    </a>
  );
}
