import { type Signal, useSignal } from '@preact/signals';
import { ErrorMessage } from './error-message.tsx';

/** The result of an action of the user. */
interface Result {
  readonly message: Signal<string>;
  readonly error: Signal<unknown>;
  /** Runs an action and shows the sentence that it resolves with, or its error. Resolves with false after an error. */
  run(perform: () => Promise<string>): Promise<boolean>;
}

export function useResult(): Result {
  const message = useSignal('');
  const error = useSignal<unknown>(undefined);
  const run = async (perform: () => Promise<string>): Promise<boolean> => {
    error.value = undefined;
    try {
      message.value = await perform();
      return true;
    } catch (cause) {
      message.value = '';
      error.value = cause;
      return false;
    }
  };
  return { message, error, run };
}

/** Shows the result of an action. */
export function ResultMessage({ result, testId = 'news' }: { readonly result: Result; readonly testId?: string }) {
  return (
    <div class="outcome">
      <p class="news" role="status" data-testid={testId}>
        {result.message.value || undefined}
      </p>
      <ErrorMessage error={result.error.value} />
    </div>
  );
}
