import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';

/** The last answer of the service. */
export interface Resource<Value> {
  readonly value: ReadonlySignal<Value | undefined>;
  /** The error of the last request. */
  readonly error: ReadonlySignal<unknown>;
  /** Requests it again. Never rejects. An answer that arrives after that of a later request is ignored. */
  load(): Promise<void>;
}

export function useResource<Value>(read: () => Promise<Value>): Resource<Value> {
  const value = useSignal<Value | undefined>(undefined);
  const error = useSignal<unknown>(undefined);
  const last = useRef<Promise<Value> | undefined>(undefined);
  const load = async (): Promise<void> => {
    const answer = read();
    last.current = answer;
    const outcome = await answer.then(
      (found) => ({ found }),
      (failure: unknown) => ({ failure }),
    );
    if (last.current !== answer) return;
    if ('found' in outcome) value.value = outcome.found;
    error.value = 'failure' in outcome ? outcome.failure : undefined;
  };
  return { value, error, load };
}
