const euros = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

/** Formats cents: "€1,000.00". */
export function formatMoney(cents: number): string {
  return euros.format(cents / 100);
}

/** Parses a typed amount ("12", "12.5", "12,50") to cents. Returns undefined unless it is more than zero. */
export function parseCents(typed: string): number | undefined {
  const found = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(typed.trim());
  if (found === null) return undefined;
  const cents = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
  return cents > 0 ? cents : undefined;
}
