import type { CurrentUser } from '@latchkey/contract';
import type { Account } from '@latchkey/sdk-browser/account';
import { Form } from '../components/form.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { words } from '../words/words.ts';

interface ProfileCardProps {
  readonly me: Pick<CurrentUser, 'locale' | 'name' | 'picture'>;
  readonly change: Account['update'];
  /** Reads the user again. */
  readonly reload: () => Promise<void>;
}

/** Name, picture and language, which the user sets. The address of a picture is stored, and not loaded here. */
export function ProfileCard({ me, change, reload }: ProfileCardProps) {
  const result = useResult();
  const { profile, console } = words();
  const send = async ({ name = '', picture = '', locale = '' }: Readonly<Record<string, string>>): Promise<void> => {
    result.message.value = '';
    await change({ name: name || null, picture: picture || null, locale: locale || null });
    await result.run(async () => profile.saved);
    await reload();
  };
  return (
    <section class="card" aria-labelledby="profile-title" data-testid="profile-card">
      <h2 id="profile-title">{profile.title}</h2>
      <Form
        prefix="profile"
        fields={[
          { name: 'name', label: console.name, type: 'text', autocomplete: 'name', initial: me.name ?? '' },
          {
            name: 'picture',
            label: profile.picture,
            type: 'text',
            hint: profile.pictureHint,
            initial: me.picture ?? '',
          },
          { name: 'locale', label: profile.locale, type: 'text', hint: profile.localeHint, initial: me.locale ?? '' },
        ]}
        submit={console.save}
        submitting={console.saving}
        fieldOfPath={{ name: 'name', picture: 'picture', locale: 'locale' }}
        send={send}
      />
      <ResultMessage result={result} testId="profile-news" />
    </section>
  );
}
