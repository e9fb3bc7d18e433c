import type { Catalogue } from '../catalogue.ts';

export default {
  greeting: 'Guten Tag,',
  greetingByName: 'Guten Tag {name},',
  code: 'Oder geben Sie diesen Code dort ein, wo Sie ihn angefordert haben:',
  validity: 'Link und Code gelten einmal, innerhalb dieser Zeit: {validity}.',
  time: 'Zeit',
  browser: 'Browser',
  newAddress: 'Neue Adresse',
  mails: {
    verify_email: {
      subject: 'Bestätigen Sie Ihre E-Mail-Adresse für {tenant}',
      intro: ['Bitte bestätigen Sie, dass dies Ihre Adresse ist, damit Sie sie für {tenant} verwenden können.'],
      action: 'Adresse bestätigen',
      outro: [
        'Wenn Sie sich nicht registriert haben, ignorieren Sie diese Mail. Ohne Ihre Bestätigung geschieht nichts.',
      ],
    },
    sign_up_taken: {
      subject: 'Sie haben schon ein Konto bei {tenant}',
      intro: [
        'Mit dieser Adresse wurde eine Registrierung bei {tenant} begonnen. Sie hat dort schon ein Konto, und nichts wurde geändert.',
        'Melden Sie sich mit Ihrem Passwort an. Wenn Sie es vergessen haben, wählen Sie auf der Anmeldeseite ein neues.',
      ],
      outro: ['Wenn Sie das nicht waren, ignorieren Sie diese Mail.'],
    },
    reset_password: {
      subject: 'Wählen Sie ein neues Passwort für {tenant}',
      intro: ['Für Ihr Konto bei {tenant} wurde ein neues Passwort angefordert.'],
      action: 'Neues Passwort wählen',
      outro: ['Wenn Sie das nicht waren, ignorieren Sie diese Mail. Ihr Passwort bleibt, wie es ist.'],
    },
    sign_in: {
      subject: 'Anmeldung bei {tenant}',
      intro: ['Mit diesem Link melden Sie sich bei {tenant} an.'],
      action: 'Anmelden',
      outro: ['Wenn Sie das nicht waren, ignorieren Sie diese Mail. Geben Sie Link und Code nicht weiter.'],
    },
    change_email: {
      subject: 'Bestätigen Sie Ihre neue E-Mail-Adresse für {tenant}',
      intro: ['Bitte bestätigen Sie, dass dies Ihre Adresse ist, damit Ihr Konto bei {tenant} sie erhält.'],
      action: 'Adresse bestätigen',
      outro: ['Wenn Sie dort kein Konto haben, ignorieren Sie diese Mail. Ohne Ihre Bestätigung geschieht nichts.'],
    },
    email_changed: {
      subject: 'Ihre E-Mail-Adresse bei {tenant} wurde geändert',
      intro: ['Ihr Konto bei {tenant} hat jetzt eine andere E-Mail-Adresse. Mails gehen von nun an dorthin.'],
      action: 'Änderung rückgängig machen',
      outro: [
        'Wenn Sie das nicht waren, machen Sie die Änderung rückgängig. Dann werden alle Geräte abgemeldet, und Sie wählen ein neues Passwort.',
      ],
    },
    email_replaced: {
      subject: 'Ihre E-Mail-Adresse bei {tenant} wurde geändert',
      intro: [
        'Ihr Konto bei {tenant} hat von der Verwaltung eine andere E-Mail-Adresse bekommen. Mails gehen von nun an dorthin.',
      ],
      outro: ['Wenn Sie das nicht erwartet haben, fragen Sie die Verwaltung von {tenant}.'],
    },
    email_restored: {
      subject: 'Ihre E-Mail-Adresse bei {tenant} wurde zurückgesetzt',
      intro: [
        'Ihr Konto bei {tenant} hat wieder seine frühere E-Mail-Adresse: Ein Link, der dorthin ging, hat die Änderung rückgängig gemacht. Alle Geräte wurden abgemeldet, und das Passwort gilt nicht mehr.',
      ],
      outro: ['Wenn Sie das nicht erwartet haben, fragen Sie die Verwaltung von {tenant}.'],
    },
    invitation: {
      subject: 'Ihre Einladung zu {tenant}',
      intro: ['Sie sind zu {tenant} eingeladen.'],
      action: 'Einladung annehmen',
      outro: ['Wenn Sie keine Einladung erwarten, ignorieren Sie diese Mail.'],
    },
    password_changed: {
      subject: 'Ihr Passwort bei {tenant} wurde geändert',
      intro: ['Das Passwort Ihres Kontos bei {tenant} wurde geändert.'],
      outro: ['Wenn Sie das nicht waren, wählen Sie sofort auf der Anmeldeseite ein neues Passwort.'],
    },
    token_theft: {
      subject: 'Eine Sitzung bei {tenant} wurde beendet',
      intro: [
        'Eine Sitzung Ihres Kontos bei {tenant} wurde beendet, weil eine Kopie ihres Tokens an anderer Stelle verwendet wurde.',
      ],
      outro: ['Melden Sie sich neu an. Geschieht das noch einmal, prüfen Sie Ihre Geräte und ändern Sie Ihr Passwort.'],
    },
    new_sign_in: {
      subject: 'Neue Anmeldung bei {tenant}',
      intro: ['Mit Ihrem Konto bei {tenant} hat sich ein neuer Browser oder ein neues Gerät angemeldet.'],
      outro: ['Wenn Sie das nicht waren, ändern Sie sofort Ihr Passwort und melden Sie alle Geräte ab.'],
    },
    test: {
      subject: 'Testmail von {tenant}',
      intro: ['{tenant} kann Mails senden.'],
      outro: [],
    },
  },
} satisfies Catalogue;
