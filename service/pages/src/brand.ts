import type { BrandedTenant } from '@latchkey/contract';
import { signal } from '@preact/signals';

const serviceName = 'Latchkey';

/** The name in titles and at the top of the page. */
export const brandName = signal(serviceName);

/**
 * Shows name, colour and logo of a tenant. The colour is set by script, because the pages allow no style in their markup; the
 * style sheet makes the other colours of it, and lighter ones in dark mode.
 */
export function showBrand({ brand }: BrandedTenant): void {
  brandName.value = brand?.name ?? serviceName;
  const { style } = document.documentElement;
  if (brand?.colour == null) style.removeProperty('--brand');
  else style.setProperty('--brand', brand.colour);
  document.documentElement.toggleAttribute('data-branded', brand?.colour != null);
  showMasthead(brand?.logo ?? null);
}

function showMasthead(logo: string | null): void {
  const masthead = document.querySelector('.brand');
  const image = masthead?.querySelector('img');
  if (masthead == null || image == null) return;
  if (logo !== null) image.src = logo;
  image.classList.toggle('logo', logo !== null);
  for (const attribute of logo === null ? [] : ['width', 'height']) image.removeAttribute(attribute);
  masthead.lastChild?.replaceWith(brandName.value);
}
