// The verbs of operators: `flows.ts` binds all that these files export, so helpers belong into other files.
export * from '../list-presence.ts';
export * from './authorize.ts';
export * from './backends.ts';
export * from './brand.ts';
export * from './create-user.ts';
export * from './delete-user.ts';
export * from './import-users.ts';
export * from './invitations.ts';
export * from './mails.ts';
export * from './overview.ts';
export * from './reset-user-password.ts';
export * from './sessions.ts';
export * from './tenants.ts';
export * from './update-user.ts';
export * from './updates.ts';
export * from './users.ts';
