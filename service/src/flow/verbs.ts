// The verbs of users: `flows.ts` binds all that these files export, so helpers belong into other files.

export * from './account/accept-invitation.ts';
export * from './account/change-email.ts';
export * from './account/delete-account.ts';
export * from './account/export-account.ts';
export * from './account/inspect-link.ts';
export * from './account/profile.ts';
export * from './account/replace-password.ts';
export * from './account/reset-password.ts';
export * from './account/sign-in-by-mail.ts';
export * from './account/verify-email.ts';
export * from './account.ts';
export * from './answer-probe.ts';
export * from './authenticate.ts';
export * from './exchange.ts';
export * from './find-logo.ts';
export * from './introspect.ts';
export * from './login.ts';
export * from './logout.ts';
export * from './now.ts';
export * from './receive.ts';
export * from './recompute-claims.ts';
export * from './refresh.ts';
export * from './register.ts';
export * from './revoke.ts';
export * from './sign-in-options.ts';
