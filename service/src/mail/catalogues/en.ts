import type { Catalogue } from '../catalogue.ts';

export default {
  greeting: 'Hello,',
  greetingByName: 'Hello {name},',
  code: 'Or enter this code where you asked for it:',
  validity: 'Link and code work once, within {validity}.',
  time: 'Time',
  browser: 'Browser',
  newAddress: 'New address',
  mails: {
    verify_email: {
      subject: 'Confirm your e-mail address for {tenant}',
      intro: ['Please confirm that this is your address, so that you can use it for {tenant}.'],
      action: 'Confirm the address',
      outro: ['If you did not sign up, ignore this mail. Nothing happens without your confirmation.'],
    },
    sign_up_taken: {
      subject: 'You already have an account at {tenant}',
      intro: [
        'A sign-up at {tenant} was made with this address, which already has an account. Nothing was changed.',
        'Sign in with your password. If you have forgotten it, choose a new one from the sign-in page.',
      ],
      outro: ['If it was not you who signed up, ignore this mail.'],
    },
    reset_password: {
      subject: 'Choose a new password for {tenant}',
      intro: ['A new password was requested for your account at {tenant}.'],
      action: 'Choose a new password',
      outro: ['If you did not request it, ignore this mail. Your password stays as it is.'],
    },
    sign_in: {
      subject: 'Sign in to {tenant}',
      intro: ['With this link you sign in to {tenant}.'],
      action: 'Sign in',
      outro: ['If you did not request it, ignore this mail. Do not pass link or code on.'],
    },
    change_email: {
      subject: 'Confirm your new e-mail address for {tenant}',
      intro: ['Please confirm that this is your address, so that your account at {tenant} gets it.'],
      action: 'Confirm the address',
      outro: ['If you have no account there, ignore this mail. Nothing happens without your confirmation.'],
    },
    email_changed: {
      subject: 'Your e-mail address at {tenant} was changed',
      intro: ['Your account at {tenant} has another e-mail address now. Mails go there from now on.'],
      action: 'Undo the change',
      outro: [
        'If you did not change it, undo the change. Then all devices are signed out, and you choose a new password.',
      ],
    },
    email_replaced: {
      subject: 'Your e-mail address at {tenant} was changed',
      intro: ['An administrator gave your account at {tenant} another e-mail address. Mails go there from now on.'],
      outro: ['If you did not expect this, ask the administrators of {tenant}.'],
    },
    email_restored: {
      subject: 'Your e-mail address at {tenant} was changed back',
      intro: [
        'Your account at {tenant} has its previous e-mail address again: a link that was mailed there undid the change. All devices were signed out, and the password ended.',
      ],
      outro: ['If you did not expect this, ask the administrators of {tenant}.'],
    },
    invitation: {
      subject: 'Your invitation to {tenant}',
      intro: ['You are invited to {tenant}.'],
      action: 'Accept the invitation',
      outro: ['If you did not expect this, ignore this mail.'],
    },
    password_changed: {
      subject: 'Your password at {tenant} was changed',
      intro: ['The password of your account at {tenant} was changed.'],
      outro: ['If you did not change it, choose a new password from the sign-in page at once.'],
    },
    token_theft: {
      subject: 'A session at {tenant} was ended',
      intro: ['A session of your account at {tenant} was ended, because a copy of its token was used elsewhere.'],
      outro: ['Sign in again. If this happens again, check your devices and change your password.'],
    },
    new_sign_in: {
      subject: 'New sign-in at {tenant}',
      intro: ['Your account at {tenant} was used to sign in with a new browser or device.'],
      outro: ['If it was not you, change your password at once and sign out all devices.'],
    },
    test: {
      subject: 'Test mail from {tenant}',
      intro: ['{tenant} can send mail.'],
      outro: [],
    },
  },
} satisfies Catalogue;
