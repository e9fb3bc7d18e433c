import type { AdminTenant, TenantBrandBody } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { fill, words } from '../words/words.ts';
import type { ConsoleApi } from './console-api.ts';
import { openForm } from './dialogs.tsx';

function fieldsOf({ brand }: AdminTenant): FieldOptions[] {
  const { brands, console } = words();
  const { name, colour, logo } = brand ?? {};
  return [
    { name: 'name', label: console.name, type: 'text', hint: brands.nameHint, initial: name ?? '' },
    { name: 'colour', label: brands.colour, type: 'text', hint: brands.colourHint, initial: colour ?? '' },
    { name: 'logo', label: brands.logo, type: 'image', hint: brands.logoHint, accept: 'image/png,image/webp' },
    ...(logo == null
      ? []
      : [
          {
            name: 'without',
            label: brands.presentLogo,
            type: 'choices' as const,
            options: [['logo', brands.removeLogo]] as const,
            ticked: [],
          },
        ]),
  ];
}

/** Left out, the logo stays as it is. */
function toBrand({ name = '', colour = '', logo = '', without }: Values): TenantBrandBody {
  const image = logo !== '' ? { logo } : without === 'logo' ? { logo: null } : {};
  return { name: name || undefined, colour: colour.toLowerCase() || undefined, ...image };
}

/** The form for name, colour and logo of a tenant. Without any of them, the brand is removed. */
export function openBrandForm(api: ConsoleApi, tenant: AdminTenant, onDone: () => void): void {
  const { brands, console } = words();
  openForm<unknown>({
    prefix: 'brand',
    title: fill(brands.title, { tenant: tenant.name }),
    lead: brands.lead,
    fields: fieldsOf(tenant),
    fieldOfPath: { name: 'name', colour: 'colour', logo: 'logo' },
    submit: console.save,
    submitting: console.saving,
    send: (values) => {
      const brand = toBrand(values);
      const keepsLogo = brand.logo === undefined && tenant.brand?.logo != null;
      const isEmpty = !brand.name && !brand.colour && !brand.logo && !keepsLogo;
      return isEmpty ? api.removeBrand(tenant.id) : api.setBrand(tenant.id, brand);
    },
    onSent: onDone,
  });
}
