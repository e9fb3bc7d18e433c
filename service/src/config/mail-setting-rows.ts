import { booleanSetting, mailFrom, smtpUrl } from './setting-schemas.ts';

/** Settings of mail, a part of the table of settings. */
export const mailSettings = {
  smtpUrl: {
    env: 'LATCHKEY_SMTP_URL',
    schema: smtpUrl.optional(),
    description:
      'Mail server: `smtps://user:password@host:465`, or `smtp://` with STARTTLS, which production requires. Absent: no mail is sent, unless the hook `sendMail` is set.',
    secret: true,
  },
  mailFrom: {
    env: 'LATCHKEY_MAIL_FROM',
    schema: mailFrom.optional(),
    description: 'Sender of mails: an address, or `Name <address>`. Required with `LATCHKEY_SMTP_URL`.',
  },
  newSignInMails: {
    env: 'LATCHKEY_NEW_SIGN_IN_MAILS',
    schema: booleanSetting(true),
    description: '`true`: users get a mail after a sign-in with a browser that they did not use in the last 90 days.',
  },
} as const;
