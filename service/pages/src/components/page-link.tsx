import type { ComponentChildren } from 'preact';
import { pageUrl, tenantFromUrl } from '../tenant.ts';

/** A link to another page of the service, for the tenant of this page. */
export function PageLink({ path, children }: { readonly path: string; readonly children: ComponentChildren }) {
  return <a href={pageUrl(path, tenantFromUrl(location))}>{children}</a>;
}
