/** The tenant that an address names: `?tenant=<id>`. `undefined`: the default tenant of the service. */
export function tenantFromUrl({ search }: Pick<Location, 'search'>): string | undefined {
  return new URLSearchParams(search).get('tenant') || undefined;
}

/** The address of a page for a tenant. The pages of two tenants share nothing in the browser. */
export function pageUrl(path: string, tenant: string | undefined): string {
  return tenant === undefined ? path : `${path}?${new URLSearchParams({ tenant })}`;
}

/** The tenant as addresses of pages name it: the default tenant has no name there. */
export function tenantOfPages({ id }: { readonly id: string }): string | undefined {
  return id === 'default' ? undefined : id;
}

/** Fragment of the account page that leads to the form for a new password (`/.well-known/change-password`). */
export const passwordFragment = '#password';
