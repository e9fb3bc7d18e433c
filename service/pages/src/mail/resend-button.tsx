import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ResultMessage, useResult } from '../components/result-message.tsx';
import { repeat } from '../platform/timers.ts';
import { formatDuration } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';

const waitMs = 30_000;
const tickMs = 1_000;

/** Sends the mail again, but not at once: the first one may be on its way. */
export function ResendButton({ resend }: { readonly resend: () => Promise<unknown> }) {
  const result = useResult();
  const leftMs = useSignal(waitMs);
  const isWaiting = leftMs.value > 0;
  useEffect(() => {
    if (!isWaiting) return undefined;
    return repeat(tickMs, () => {
      leftMs.value -= tickMs;
    });
  }, [isWaiting]);
  const send = async (): Promise<void> => {
    if (isWaiting) return;
    leftMs.value = waitMs;
    const sent = () => resend().then(() => words().mail.sentAgain);
    if (!(await result.run(sent))) leftMs.value = 0;
  };
  return (
    <>
      <button type="button" class="resend" data-testid="resend" aria-disabled={isWaiting} onClick={() => void send()}>
        {isWaiting
          ? fill(words().mail.sendAgainIn, { duration: formatDuration(leftMs.value) })
          : words().mail.sendAgain}
      </button>
      <ResultMessage result={result} />
    </>
  );
}
