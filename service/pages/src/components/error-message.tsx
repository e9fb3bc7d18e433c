import { errorMessage } from '../messages.ts';

/** An error in words; nothing without one. */
export function ErrorMessage({ error }: { readonly error: unknown }) {
  return (
    <p class="form-error" role="alert">
      {error === undefined ? undefined : errorMessage(error)}
    </p>
  );
}
