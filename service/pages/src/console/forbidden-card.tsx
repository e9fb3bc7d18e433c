import { type Failure, pagePaths } from '@latchkey/contract';
import { PageLink } from '../components/page-link.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { errorMessage } from '../messages.ts';

interface ForbiddenCardProps {
  readonly failure: Failure;
  readonly signOut: () => Promise<unknown>;
}

const messages: Readonly<Record<string, string>> = {
  forbidden: 'Only operators of the service may open this page.',
  reauthentication_required: 'You signed in more than twelve hours ago. Sign in again to open this page.',
};

/** States why the console is not shown, with a link to the account and, after an old sign-in, a button to sign in again. */
export function ForbiddenCard({ failure, signOut }: ForbiddenCardProps) {
  const result = useResult();
  return (
    <section class="card" aria-labelledby="refused-title">
      <h2 id="refused-title" tabindex={-1}>
        No access
      </h2>
      <p role="alert" data-testid="refused">
        {Object.hasOwn(messages, failure.code) ? messages[failure.code] : errorMessage(failure)}
      </p>
      {failure.code === 'reauthentication_required' && (
        <button type="button" class="primary" onClick={() => void result.run(() => signOut().then(() => ''))}>
          Log out and sign in again
        </button>
      )}
      <ResultMessage result={result} />
      <p>
        <PageLink path={pagePaths.account}>Go to your account</PageLink>
      </p>
    </section>
  );
}
