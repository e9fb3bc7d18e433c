/** The infrastructure refused it, not a rule. */
export const isUnavailable = ({ code }: { readonly code: string }): boolean =>
  code === 'unavailable' || code === 'overloaded';
