/** The tenant that an address names: `?tenant=<id>`. Nothing: the service's default tenant. */
export function tenantFromUrl({ search }: Pick<Location, 'search'>): string | undefined {
  return new URLSearchParams(search).get('tenant') || undefined;
}

/** The address of a page for a tenant. The pages of two tenants share nothing in the browser. */
export function pageUrl(path: string, tenant: string | undefined): string {
  return tenant === undefined ? path : `${path}?${new URLSearchParams({ tenant })}`;
}
