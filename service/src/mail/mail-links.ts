import type { OneTimePurpose } from '../domain/one-time-token/one-time-token.ts';

/** Pages that take the secret of a link, by purpose. */
export type LinkTargets = { readonly [Purpose in OneTimePurpose]?: string };

/** Makes links from what is configured. No header of a request enters one. */
export interface MailLinks {
  /** There is a page for this purpose; without a purpose: for any. */
  has(purpose?: OneTimePurpose): boolean;
  /** The secret is in the fragment, which neither servers nor `Referer` headers get. `undefined`: there is no page. */
  make(purpose: OneTimePurpose, secret: string): string | undefined;
}

const pagePathOf: Readonly<Record<OneTimePurpose, string>> = {
  verify_email: '/verify',
  reset_password: '/reset',
  sign_in: '/sign-in/email',
  change_email: '/account/email',
  undo_email_change: '/undo',
  accept_invitation: '/invitation',
};

/** Purposes of links, as the option `links` names them. */
export const linkPurposes: readonly string[] = Object.keys(pagePathOf);

/** The pages of the service itself. */
export function ownLinkTargets({ publicUrl }: { readonly publicUrl: string }): LinkTargets {
  return Object.fromEntries(Object.entries(pagePathOf).map(([purpose, path]) => [purpose, publicUrl + path]));
}

/**
 * @example
 * const links = createMailLinks(ownLinkTargets({ publicUrl: 'https://id.example' }));
 * links.make('reset_password', secret); // 'https://id.example/reset#secret=…'
 */
export function createMailLinks(targets: LinkTargets): MailLinks {
  return Object.freeze<MailLinks>({
    has: (purpose) => (purpose === undefined ? Object.keys(targets).length > 0 : targets[purpose] !== undefined),
    make(purpose, secret) {
      const target = targets[purpose];
      if (target === undefined) return undefined;
      const url = new URL(target);
      url.hash = new URLSearchParams({ secret }).toString();
      return url.href;
    },
  });
}
