import { useSignal } from '@preact/signals';
import { ErrorMessage } from '../components/error-message.tsx';

interface ActionButtonProps {
  readonly label: string;
  readonly testId?: string;
  readonly isPrimary?: boolean;
  readonly act: () => Promise<unknown>;
}

/** The button of a page that changes something only when it is pressed. */
export function ActionButton({ label, testId = 'act', isPrimary = true, act }: ActionButtonProps) {
  const isRunning = useSignal(false);
  const error = useSignal<unknown>(undefined);
  const press = async (): Promise<void> => {
    if (isRunning.value) return;
    isRunning.value = true;
    error.value = undefined;
    await act().catch((cause: unknown) => {
      error.value = cause;
    });
    isRunning.value = false;
  };
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : undefined}
        data-testid={testId}
        aria-disabled={isRunning.value}
        onClick={() => void press()}
      >
        {label}
      </button>
      <ErrorMessage error={error.value} />
    </>
  );
}
