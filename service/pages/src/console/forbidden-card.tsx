import { type Failure, pagePaths } from '@latchkey/contract';
import { PageLink } from '../components/page-link.tsx';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { errorMessage } from '../messages.ts';
import { words } from '../words/words.ts';

interface ForbiddenCardProps {
  readonly failure: Failure;
  readonly signOut: () => Promise<unknown>;
}

function messageOf(failure: Failure): string {
  const { operatorsOnly, signInAgain } = words().console;
  if (failure.code === 'forbidden') return operatorsOnly;
  return failure.code === 'reauthentication_required' ? signInAgain : errorMessage(failure);
}

/** States why the console is not shown, with a link to the account and, after an old sign-in, a button to sign in again. */
export function ForbiddenCard({ failure, signOut }: ForbiddenCardProps) {
  const result = useResult();
  return (
    <section class="card" aria-labelledby="refused-title">
      <h2 id="refused-title" tabindex={-1}>
        {words().console.noAccess}
      </h2>
      <p role="alert" data-testid="refused">
        {messageOf(failure)}
      </p>
      {failure.code === 'reauthentication_required' && (
        <button type="button" class="primary" onClick={() => void result.run(() => signOut().then(() => ''))}>
          {words().console.logOutAndIn}
        </button>
      )}
      <ResultMessage result={result} />
      <p>
        <PageLink path={pagePaths.account}>{words().page.toAccount}</PageLink>
      </p>
    </section>
  );
}
