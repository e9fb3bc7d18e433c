import { Failure } from '@latchkey/contract';
import type { ComponentChildren } from 'preact';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { words } from '../words/words.ts';

interface UserHeaderProps {
  readonly title: string;
  /** The address of the user, or the id. */
  readonly user: string | undefined;
  readonly logOut: (force: boolean) => Promise<unknown>;
  readonly children?: ComponentChildren;
}

/** The top of a page of a signed-in user: title, user and log-out button. */
export function UserHeader({ title, user, logOut, children }: UserHeaderProps) {
  const result = useResult();
  const { value: error } = result.error;
  const go = (force: boolean) => void result.run(() => logOut(force).then(() => ''));
  return (
    <div class="head">
      <div class="head-line">
        <div>
          <h1 tabindex={-1}>{title}</h1>
          <p class="who" data-testid="who">
            {user}
          </p>
        </div>
        <button type="button" data-testid="logout" onClick={() => go(false)}>
          {words().account.logOut}
        </button>
      </div>
      {children}
      <ResultMessage result={result} />
      {error instanceof Failure && error.retryable && (
        <button type="button" onClick={() => go(true)}>
          {words().account.signOutHere}
        </button>
      )}
    </div>
  );
}
