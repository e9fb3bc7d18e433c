export type { AccountActivity, AccountExport, CurrentUser, LinkInspection } from '@latchkey/contract';
export type { MailCredential, MailSignIn } from '../auth/mail-sign-ins.ts';
export type {
  InvitationAcceptance,
  MailRecipient,
  MailSignInInput,
  PasswordReset,
  ReplacedPassword,
} from './account-access.ts';
export { type Account, getAccount } from './get-account.ts';
export type { ActivityQuery, ProfileUpdate } from './own-account.ts';
